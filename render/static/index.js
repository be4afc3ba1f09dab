// The leaderboard's instrument: what is needed, the answer, its pictures, the table. The mix and the
// picks are the macros `mixed` and `picked` (macros/picks.sql); tests hold them to SQL. Scores of
// measured values alone, or without borrowed ones, are SQL's own.
'use strict';
const board = (() => {
  const SCORE = 0;
  const DIRECT = 7;
  const MASK = 10;
  const round = (value) => Math.round(value * 1e6);
  const bits = (mask) => mask.toString(2).replaceAll('0', '').length;

  // Every model in a mix of roles, of all values or of `claimed` or `measured` ones. A role alone, and
  // balanced, of all values are as SQL has printed them.
  const mixed = (data, weights, values = '') => {
    const at = { '': SCORE, claimed: MASK + 1, measured: MASK + 2 }[values];
    const maskAt = values === 'measured' ? MASK + 3 : MASK;
    const counted = { '': 3, claimed: 2, measured: 1 }[values];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const base = weights.reduce((sum, weight, role) => sum + weight * data.capability[role], 0);
    const among = (mask, role) => (weights[role] > 0 ? mask : 0);
    const possible = bits(data.possible.reduce((all, mask, role) => all | among(mask, role), 0));
    const found = data.models.map((model) => {
      const parts = model[6].slice(0, weights.length);
      const mean = (index) => parts.reduce((sum, part, role) => sum + weights[role] * part[index], 0) / total;
      const share = (index) => parts.reduce((sum, part, role) => sum + weights[role] * data.capability[role] * part[index], 0) / base;
      const families = bits(parts.reduce((all, part, role) => all | among(part[maskAt], role), 0));
      const shares = [DIRECT, DIRECT + 1, DIRECT + 2].map((index, kind) => (kind < counted ? share(index) : 0));
      // Of very many models only the leading ones are scored again.
      const isScored = parts.every((part) => part[at] !== null);
      const isRanked = isScored && shares[0] + shares[1] >= data.rules.share - 1e-6 && families >= Math.min(data.rules.families, possible);
      return { score: isScored ? mean(at) : null, low: null, high: null, shares, isRanked, tier: 0 };
    });
    for (const entry of found) {
      entry.place = entry.isRanked ? 1 + found.filter(({ isRanked, score }) => isRanked && round(score) > round(entry.score)).length : 0;
      entry.first = entry.place;
      entry.last = entry.place;
    }
    return found;
  };
  const printed = (data, need) => data.models.map((model) => {
    const [score, low, high, place, first, last, tier, ...shares] = model[6][data.needs.indexOf(need)];
    return { score, low, high, place, first, last, tier, shares: shares.slice(0, 3), isRanked: place > 0 };
  });

  // Best, best value and best open of candidates {id, score, own, price, isOpen}, null where none
  // fits, each with the reason.
  const picked = (candidates, valueShare, phrases) => {
    const price = (one) => (one.price === null ? Infinity : one.price);
    const cheaper = (a, b) => (price(a) === price(b) ? 0 : price(a) - price(b));
    const byKey = (a, b) => (a.id < b.id ? -1 : Number(a.id > b.id));
    const better = (a, b) => round(b.score) - round(a.score) || cheaper(a, b) || byKey(a, b);
    const best = [...candidates].sort(better)[0] || null;
    const percent = (share) => `${Math.round(100 * share)} %`;
    const reason = (key, one) => {
      if (!one) return phrases[`no_${key}`];
      const share = one.score / best.score;
      const cost = one.price === null || !best.price ? null : one.price / best.price;
      const kind = key === 'best' ? key : key === 'open' ? (share === 1 ? 'open_best' : key)
        : cost === null ? 'value_unpriced' : share === 1 && cost === 1 ? 'value_best' : key;
      const blanks = { count: candidates.length, score: percent(share), price: percent(cost), own: percent(one.own) };
      return phrases[kind].replace(/{(\w+)}/g, (_, name) => blanks[name]);
    };
    const near = candidates.filter((one) => one.price !== null && round(one.score) >= round(valueShare * best.score));
    const picks = {
      best,
      value: near.sort((a, b) => cheaper(a, b) || better(a, b))[0] || null,
      open: candidates.filter((one) => one.isOpen).sort(better)[0] || null,
    };
    return Object.fromEntries(Object.entries(picks).map(([key, one]) => [key, { one, reason: reason(key, one) }]));
  };
  // Positions of ranked dots with less x than all that score as much, the best first.
  const frontier = (dots) => {
    let lowest = Infinity;
    return dots.filter(({ isRanked }) => isRanked)
      .sort((a, b) => b.y - a.y || a.x - b.x || (a.slug < b.slug ? -1 : 1))
      .filter(({ x }) => { const isLower = x < lowest; if (isLower) lowest = x; return isLower; });
  };
  return { mixed, printed, picked, frontier };
})();
if (typeof module !== 'undefined') module.exports = board;

if (typeof document !== 'undefined') (() => {
  const area = document.getElementById('board');
  if (!area) return;
  const find = (id) => document.getElementById(id);
  const data = JSON.parse(area.dataset.state);
  const form = find('ask');
  const names = Object.fromEntries(data.needs.map((need, index) => [need, data.names[index]]));
  const firstNeed = area.dataset.need;
  const indexOf = new Map(data.models.map(([slug], index) => [slug, index]));
  const roles = data.needs.slice(0, data.capability.length);
  const MISSING = '–';
  const NO_SHARE = 0.0005;
  const whole = (value) => value.toFixed(0);
  const percent = (share) => `${(100 * share).toFixed(0)}\u00a0%`;
  // Shares of a whole without decimals that sum to 100: the largest remainders are rounded up.
  const percents = (shares) => {
    const down = shares.map((share) => Math.floor(100 * share + 1e-6));
    const order = [...shares.keys()].sort((a, b) => (100 * shares[b] - down[b]) - (100 * shares[a] - down[a]) || a - b);
    for (const index of order.slice(0, Math.max(0, 100 - down.reduce((a, b) => a + b, 0)))) down[index] += 1;
    return down;
  };
  // Nothing is known of a capability: a score would be the 50 of the unknown, and says nothing.
  const isUnknown = ({ shares }) => shares[0] !== null && shares[0] + shares[1] + shares[2] === 0;
  const UNKNOWN = 'Nothing is known: no value is measured, claimed or borrowed';
  const coordinate = (value) => String(Number(value.toFixed(2)));
  const range = ({ place, first, last }) => (!place ? MISSING : first === last ? String(first) : `${first}–${last}`);
  const node = (tag, attributes = {}, ...children) => {
    const isDrawn = ['svg', 'line', 'circle', 'rect', 'text', 'title'].includes(tag);
    const made = isDrawn ? document.createElementNS(find('hatches').namespaceURI, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  // What is asked: one state for every view, kept in the address.
  const asked = {};
  const input = (name) => form.elements[name];
  const values = (name) => (input(name) ? input(name).value : '');
  const mix = () => roles.map((role) => Number(values(`mix-${role}`)));
  const shape = { sort: 'place', dir: 'asc' };
  const chosen = new Set();

  const recall = () => {
    const query = new URLSearchParams(location.search);
    const set = (name, fallback) => {
      const field = input(name);
      if (!field) return;
      const value = query.get(name) ?? fallback;
      if (field.type === 'checkbox') field.checked = value === '1';
      else {
        field.value = value;
        if (field.value !== value) field.value = fallback;
      }
    };
    set('need', firstNeed);
    set('view', 'table');
    for (const name of ['price', 'evidence', 'values', 'q', 'open']) set(name, '');
    for (const role of roles) set(`mix-${role}`, '25');
    shape.sort = query.get('sort') || 'place';
    shape.dir = query.get('dir') === 'desc' ? 'desc' : 'asc';
  };
  const remember = (isStep) => {
    const query = new URLSearchParams();
    if (asked.need !== firstNeed) query.set('need', asked.need);
    if (asked.need === 'mix') roles.forEach((role, index) => query.set(`mix-${role}`, asked.weights[index]));
    for (const name of ['price', 'evidence', 'values', 'q']) if (values(name)) query.set(name, values(name));
    if (input('open') && input('open').checked) query.set('open', '1');
    if (values('view') !== 'table') query.set('view', values('view'));
    if (shape.sort !== 'place' || shape.dir !== 'asc') { query.set('sort', shape.sort); query.set('dir', shape.dir); }
    const text = query.toString();
    const address = (text ? `?${text}` : location.pathname) + location.hash;
    // A page opened from a folder may not change its address; it works without.
    try { history[isStep ? 'pushState' : 'replaceState'](null, '', address); } catch { /* file: */ }
  };

  // Of very many models the page has the first; the others come with the first question.
  const rest = find('show-all');
  const loadRest = async () => {
    if (!rest || loadRest.isDone) return;
    loadRest.isDone = true;
    const text = await (await fetch(rest.href)).text();
    const whole = new DOMParser().parseFromString(text, 'text/html');
    for (const row of whole.querySelectorAll('#models tr[id]')) {
      const slug = row.id.slice(2);
      if (rows.has(slug)) continue;
      const reason = reasonOf(row);
      rows.set(slug, document.adoptNode(row));
      row.reason = reason && document.adoptNode(reason);
    }
    rest.parentElement.hidden = true;
    showCells.values = null;
    show();
  };
  const rows = new Map([...document.querySelectorAll('#models tr[id]')].map((row) => [row.id.slice(2), row]));
  const reasonOf = (row) => (row.nextElementSibling && row.nextElementSibling.matches('.reason') ? row.nextElementSibling : null);
  for (const row of rows.values()) row.reason = reasonOf(row);

  // Every model in a need, of the values that are asked for.
  const standing = (need) => {
    if (need !== 'mix' && !asked.values) return board.printed(data, need);
    const weights = need === 'mix' ? asked.weights : roles.map((role) => Number(role === need || !roles.includes(need)));
    return board.mixed(data, weights, asked.values);
  };

  // The models as asked: where each stands, and whether it fits.
  let found = [];
  const answer = () => {
    asked.need = values('need') || firstNeed;
    asked.weights = mix();
    if (asked.need === 'mix' && asked.weights.every((weight) => weight === 0)) asked.weights = roles.map(() => 1);
    asked.name = asked.need === 'mix' ? roles.map((role, index) => [asked.weights[index], names[role]]).filter(([weight]) => weight > 0).map(([weight, name]) => `${percent(weight / asked.weights.reduce((a, b) => a + b, 0))} ${name}`).join(', ') : names[asked.need];
    asked.hue = asked.need === 'mix' ? 'balanced' : asked.need;
    const ceiling = Number(values('price')) || Infinity;
    const floor = Number(values('evidence')) / 100;
    const isOpenOnly = input('open') && input('open').checked;
    const words = values('q').toLowerCase().split(/\s+/).filter(Boolean);
    asked.values = values('values');
    const stands = standing(asked.need);
    found = data.models.map(([slug, name, vendor, isOpen, price, day, , cost], index) => {
      const own = stands[index].shares[0] === null ? null : stands[index].shares[0] + stands[index].shares[1];
      const text = `${name} ${vendor} ${slug}`.toLowerCase();
      return {
        ...stands[index], slug, name, vendor, isOpen: isOpen === 1, price, cost, day, own, id: slug,
        fits: stands[index].score !== null && (price === null ? ceiling === Infinity : price <= ceiling) && (!isOpenOnly || isOpen === 1)
          && (!floor || !stands[index].isRanked || own >= floor - 1e-6) && words.every((word) => text.includes(word)),
      };
    });
  };

  const bar = (shares, hue = asked.hue) => {
    const svg = node('svg', { class: 'ev', role: 'img' });
    const parts = [...shares, 1 - shares[0] - shares[1] - shares[2]];
    const rounded = percents(parts);
    const said = [];
    let start = 0;
    parts.forEach((share, index) => {
      if (share > NO_SHARE) {
        const kind = 'mcsn'[index];
        const rect = node('rect', { class: kind, x: `${coordinate(100 * start)}%`, width: `${coordinate(100 * share)}%` });
        if (kind === 's') rect.setAttribute('fill', `url(#hatch-${hue})`);
        svg.append(rect);
        said.push(`${rounded[index]}\u00a0% ${['measured', 'claimed', 'borrowed', 'not known'][index]}`);
      }
      start += share;
    });
    svg.setAttribute('aria-label', said.join(', '));
    return svg;
  };

  const showAnswers = () => {
    const ranked = found.filter(({ isRanked, fits }) => isRanked && fits);
    const picks = board.picked(ranked, data.rules.value, data.phrases);
    const made = [['best', 'Best'], ['value', 'Best value'], ['open', 'Best open']].map(([key, title]) => {
      const { one, reason } = picks[key];
      const row = node('tr', {}, node('th', { scope: 'row' }, title));
      if (!one) {
        row.append(node('td', { class: 'none', colspan: 5 }, `${reason[0].toUpperCase()}${reason.slice(1)}.`));
        return row;
      }
      const score = node('td', { class: 'sc' }, node('b', {}, whole(one.score)), ' ');
      if (one.low !== null) score.append(node('small', { class: 'iv' }, `${whole(one.low)}–${whole(one.high)}`));
      row.append(
        node('td', { class: 'who' }, node('a', { href: `models/${one.slug}.html` }, node('bdi', {}, one.name)), ' ', node('small', {}, one.vendor)),
        score,
        node('td', { class: 'pr' }, one.price === null ? node('span', { class: 'none' }, 'no price') : one.cost),
        node('td', { class: 'eb' }, bar(one.shares)),
        node('td', { class: 'why' }, reason.replaceAll(' %', '\u00a0%')),
      );
      return row;
    });
    find('answers').tBodies[0].replaceChildren(...made);
  };

  // The pictures: as render/charts draw them, in hundredths.
  const PRICES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];
  const labelled = (listed, places, lines, width, height, shownName) => {
    const dots = [...places.values()].map(([x, y]) => [x * width / 100, y * height / 100]);
    const taken = lines.map(([x1, y1, x2, y2]) => [x1 * width / 100, y1 * height / 100, x2 * width / 100, y2 * height / 100]);
    const touches = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
    return listed.flatMap((dot) => {
      const text = shownName(dot.name, 24);
      const [left, top] = places.get(dot.slug);
      const [x, y] = [left * width / 100, top * height / 100];
      const wide = 6.2 * text.length;
      for (const [dx, dy] of [[-8, -5], [-8, 4], [8, 13], [-8, 13], [8, -5]]) {
        const begin = x + dx - (dx < 0 ? wide : 0);
        const box = [begin, y + dy - 10, begin + wide, y + dy + 3];
        const isFree = box[0] >= 0 && box[2] <= width && !taken.some((other) => touches(box, other))
          && !dots.some(([px, py]) => !(px === x && py === y) && box[0] - 4 < px && px < box[2] + 4 && box[1] - 4 < py && py < box[3] + 4);
        if (isFree) {
          taken.push(box);
          return [node('text', { class: 'name', x: `${coordinate(left)}%`, y: `${coordinate(top)}%`, dx, dy, 'text-anchor': dx < 0 ? 'end' : 'start' }, text)];
        }
      }
      return [];
    });
  };
  const short = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);
  const drawScatter = (isTime) => {
    const figure = find('scatter');
    const day = (text) => Date.parse(text) / 864e5;
    // A score with hardly any own evidence says nothing of the model.
    const told = found.filter(({ own, isRanked }) => isRanked || own === null || own >= data.rules.drawn - 1e-6);
    const dots = told.filter(({ price, day: released }) => (isTime ? released : price > 0))
      .map((one) => ({ ...one, x: isTime ? day(one.day) : one.price, y: one.score, isRanked: one.isRanked && one.fits }));
    figure.querySelector('h2').replaceChildren(node('span', { class: 'need-name' }, asked.name), isTime ? ' over time ' : ' × price ',
      node('small', {}, isTime ? 'line: the best score up to each date' : 'on the line: models that no ranked model beats on both score and price'));
    const missing = [[told.length - dots.length, `without a known ${isTime ? 'date' : 'price'}`], [found.length - told.length, 'with hardly any own evidence']]
      .flatMap(([count, what]) => (count ? [`${count} ${what}`] : []));
    const caption = figure.querySelector('figcaption');
    if (caption) caption.textContent = `${isTime ? 'By day of release.' : 'Price in US dollars per million tokens, on a logarithmic scale.'} Hollow dots are models without enough evidence for a place.${missing.length ? ` Not drawn: ${missing.join(', ')}.` : ''}`;
    const old = figure.querySelector('svg, .note');
    if (!dots.length) { old.replaceWith(node('p', { class: 'note' }, isTime ? 'No release date is known.' : 'No model has a known price.')); return; }
    const scale = isTime ? (x) => x : Math.log;
    const logs = dots.map(({ x }) => scale(x));
    const margin = (Math.max(...logs) - Math.min(...logs)) * 0.03 || 0.5;
    const [low, high] = [Math.min(...logs) - margin, Math.max(...logs) + margin];
    const floor = 10 * Math.floor((Math.min(...dots.map(({ y }) => y)) - 1) / 10);
    const ceiling = 10 * Math.ceil((Math.max(...dots.map(({ y }) => y)) + 1) / 10);
    const across = (x) => 100 * (scale(x) - low) / (high - low);
    const down = (y) => 100 * (ceiling - y) / (ceiling - floor);
    const places = new Map(dots.map((dot) => [dot.slug, [across(dot.x), down(dot.y)]]));
    const listed = board.frontier(dots);
    const on = new Set(listed.map(({ slug }) => slug));
    const svg = node('svg', { class: `plot${values('view') === 'table' ? '' : ' tall'}`, role: 'img', 'aria-label': old.getAttribute('aria-label') || '' });
    svg.setAttribute('aria-label', `Score in ${asked.name} against ${isTime ? 'release date' : 'price'} of ${dots.length} models. On the line: ${listed.map((dot) => `${short(dot.name, 60)} ${whole(dot.y)} ${isTime ? `on ${dot.day}` : `at ${dot.cost}`}`).join(', ')}.`);
    for (let y = floor; y <= ceiling; y += 10) {
      const top = `${coordinate(down(y))}%`;
      svg.append(node('line', { class: 'grid', x1: 0, x2: '100%', y1: top, y2: top }), node('text', { x: -8, y: top, dy: 4, 'text-anchor': 'end' }, String(y)));
    }
    const ticks = isTime
      ? [...Array(60).keys()].map((step) => new Date(Date.UTC(2023, 3 * step))).map((at) => [at / 864e5, at.toISOString().slice(0, 7)])
      : PRICES.map((price) => [price, `$${price}`]);
    const seen = ticks.filter(([x]) => across(x) >= 0 && across(x) <= 100);
    const step = Math.ceil(seen.length / 8);
    seen.forEach(([x, text], index) => { if (isTime ? index % step === 0 : true) svg.append(node('text', { x: `${coordinate(across(x))}%`, y: '100%', dy: 18, 'text-anchor': 'middle' }, text)); });
    const lines = [];
    const line = (x1, y1, x2, y2) => { lines.push([x1, y1, x2, y2]); svg.append(node('line', { class: 'frontier', x1: `${coordinate(x1)}%`, y1: `${coordinate(y1)}%`, x2: `${coordinate(x2)}%`, y2: `${coordinate(y2)}%` })); };
    listed.forEach((dot, index) => {
      const [left, top] = places.get(dot.slug);
      if (index === 0) { line(left, top, 100, top); return; }
      const [right, above] = places.get(listed[index - 1].slug);
      line(right, above, right, top);
      line(left, top, right, top);
    });
    for (const kind of ['open', 'off', 'on']) {
      for (const dot of dots) {
        const own = on.has(dot.slug) ? 'on' : dot.place ? 'off' : 'open';
        if (own !== kind) continue;
        const [left, top] = places.get(dot.slug);
        svg.append(node('circle', { class: dot.fits ? kind : `${kind} out`, 'data-slug': dot.slug, cx: `${coordinate(left)}%`, cy: `${coordinate(top)}%`, r: kind === 'on' ? 5 : 4 }));
      }
    }
    const width = figure.clientWidth - 36;
    const height = values('view') === 'table' ? 240 : 480;
    svg.append(...labelled(listed, places, lines, width > 100 ? width : 640, height, short));
    old.replaceWith(svg);
  };
  const drawForest = (most) => {
    const figure = find('forest');
    figure.querySelector('small').textContent = asked.values ? 'scores without intervals, which exist only for all values' : asked.need === 'mix' ? 'scores without intervals, which a mix of roles does not have' : 'score and 90\u00a0% interval';
    const old = figure.querySelector('svg, .note');
    const ranked = found.filter(({ isRanked, fits }) => isRanked && fits).sort((a, b) => a.place - b.place || (a.slug < b.slug ? -1 : 1));
    const shown = ranked.slice(0, most);
    if (!shown.length) { old.replaceWith(node('p', { class: 'note' }, `No model is ranked in ${asked.name}.`)); return; }
    const ROW = 19;
    const lows = shown.map(({ low, score }) => (low === null ? score : low));
    const highs = shown.map(({ high, score }) => (high === null ? score : high));
    const floor = Math.max(0, 10 * Math.floor((Math.min(...lows) - 1) / 10));
    const ceiling = Math.max(floor + 10, 10 * Math.ceil(Math.max(...highs) / 10));
    const across = (score) => `${coordinate(100 * (score - floor) / (ceiling - floor))}%`;
    const height = shown.length * ROW;
    const svg = node('svg', { class: 'plot', role: 'img', height: height, 'aria-label': `The first ${shown.length} in ${asked.name} with their intervals, as in the table.` });
    // As render/charts/forest.py: a tier ends where none of it is left below.
    const begun = [];
    ranked.reduceRight((least, { tier }, place) => { begun[place] = Math.min(tier || 1, least); return begun[place]; }, Infinity);
    begun.length = shown.length;
    // With models filtered out the one that a band is behind may be missing.
    const isWhole = found.every(({ isRanked, fits }) => fits || !isRanked);
    const kinds = isWhole ? [...new Set(begun)] : [];
    if (kinds.length > 1) figure.querySelector('small').append('; in a band, no model is clearly behind the first');
    if (kinds.length > 1) kinds.forEach((tier, place) => { if (place % 2 === 0) svg.append(node('rect', { class: 'tier', x: 0, width: '100%', y: begun.indexOf(tier) * ROW, height: begun.filter((one) => one === tier).length * ROW })); });
    for (let score = floor; score <= ceiling; score += ceiling - floor <= 60 ? 10 : 20) {
      svg.append(node('line', { class: 'grid', x1: across(score), x2: across(score), y1: 0, y2: height }), node('text', { x: across(score), y: height, dy: 18, 'text-anchor': 'middle' }, String(score)));
    }
    shown.forEach((one, place) => {
      const top = place * ROW + 9;
      if (one.low !== null) svg.append(node('line', { class: 'whisker', x1: across(one.low), x2: across(one.high), y1: top, y2: top }));
      svg.append(node('circle', { class: 'on', 'data-slug': one.slug, cx: across(one.score), cy: top, r: 4 }), node('text', { class: 'name', x: -8, y: top, dy: 4, 'text-anchor': 'end' }, short(one.name, 20)));
    });
    old.replaceWith(svg);
  };

  const showTable = () => {
    const of = new Map(found.map((one) => [one.slug, one]));
    const cellText = (row, index) => {
      const shown = row.cells[index] ? row.cells[index].firstChild.textContent : '';
      const text = shown.replace(/[^0-9.]/g, '');
      return text === '' ? null : Number(text) * (/M/.test(shown) ? 1e6 : /k/.test(shown) ? 1e3 : 1);
    };
    const place = (column) => [...find('models').tHead.rows[0].cells].findIndex((head) => head.dataset.sort === column);
    const inRole = roles.includes(shape.sort) ? standing(shape.sort) : null;
    const key = {
      place: (one) => one.place || null,
      name: (one) => one.name.toLowerCase(),
      price: (one) => one.price,
      own: (one) => one.own,
    }[shape.sort] || ((one) => (inRole ? (isUnknown(inRole[indexOf.get(one.slug)]) ? null : inRole[indexOf.get(one.slug)].score)
      : cellText(rows.get(one.slug), place(shape.sort))));
    const sign = shape.dir === 'asc' ? 1 : -1;
    // A sum of shares in millionths, without what a sum of fractions adds to it.
    const millionths = (share) => Math.round(1e6 * (share || 0));
    const byPlace = (a, b) => (a.place || Infinity) - (b.place || Infinity) || millionths(b.own) - millionths(a.own) || b.score - a.score || (a.slug < b.slug ? -1 : 1);
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === null || y === null) return (x === null) - (y === null) || byPlace(a, b);
      return sign * (typeof x === 'string' ? x.localeCompare(y) : x - y) || byPlace(a, b);
    };
    const order = [...found].filter(({ slug }) => rows.has(slug)).sort(shape.sort === 'place' && sign === 1 ? byPlace : compare);
    const bodies = [find('ranked'), find('new')];
    const into = [[], []];
    for (const one of order) {
      const row = rows.get(one.slug);
      row.hidden = !one.fits;
      row.classList.toggle('new', !one.isRanked);
      row.querySelector('.place').textContent = range(one);
      row.querySelector('.own').textContent = one.own === null ? MISSING : percent(one.own);
      into[one.isRanked ? 0 : 1].push(row);
      if (row.reason) {
        row.reason.hidden = one.isRanked || !one.fits || asked.need === 'mix' || asked.values !== '';
        into[one.isRanked ? 0 : 1].push(row.reason);
      }
    }
    bodies.forEach((body, index) => {
      const head = [...body.rows].filter((row) => row.matches('.subhead'));
      const wanted = [...head, ...into[index]];
      if (wanted.length !== body.rows.length || wanted.some((row, at) => body.rows[at] !== row)) body.replaceChildren(...wanted);
      body.hidden = !into[index].some((row) => !row.hidden);
    });
    for (const head of find('models').tHead.rows[0].cells) {
      if (head.dataset.sort === shape.sort) head.setAttribute('aria-sort', shape.dir === 'asc' ? 'ascending' : 'descending');
      else head.removeAttribute('aria-sort');
    }
    const fitting = found.filter(({ fits }) => fits);
    const ranked = fitting.filter(({ isRanked }) => isRanked).length;
    find('count').textContent = `${ranked} ranked, ${fitting.length - ranked} without a place`;
    find('nothing').hidden = fitting.length > 0;
  };

  // The four scores of each row: as printed, or of the values that are asked for.
  const showCells = () => {
    if (asked.values === showCells.values) return;
    showCells.values = asked.values;
    for (const role of roles) {
      const scored = standing(role);
      for (const [slug, row] of rows) {
        const cell = row.querySelector(`td.${role}`);
        cell.printed = cell.printed || { nodes: [...cell.childNodes], title: cell.title, className: cell.className };
        const { nodes, title, className } = cell.printed;
        const one = scored[indexOf.get(slug)];
        cell.title = !asked.values ? title : one.score === null ? '' : isUnknown(one) ? UNKNOWN : `${one.score.toFixed(1)}; ${one.isRanked ? `place ${one.place}` : 'provisional, no place'}`;
        cell.className = !asked.values ? className : one.isRanked ? role : `${role} prov`;
        cell.replaceChildren(...(!asked.values ? nodes : [
          node('span', { class: 's' }, one.score === null || isUnknown(one) ? MISSING : whole(one.score)), ' ',
          one.isRanked || isUnknown(one) ? '' : node('small', {}, 'provisional'), bar(one.shares, role),
        ]));
      }
    }
  };
  showCells.values = '';

  const showTray = () => {
    const tray = find('tray');
    tray.hidden = chosen.size === 0;
    find('chosen-models').textContent = [...chosen].map((slug) => data.models[indexOf.get(slug)][1]).join(', ');
    const link = find('compare-them');
    link.href = `compare.html?m=${[...chosen].join(',')}`;
    link.textContent = chosen.size === 1 ? 'Compare with another' : `Compare these ${chosen.size}`;
    for (const box of document.querySelectorAll('.pick input')) { box.checked = chosen.has(box.value); box.disabled = chosen.size >= 4 && !box.checked; }
  };

  const show = () => {
    answer();
    area.dataset.need = asked.hue;
    area.className = asked.hue;
    document.querySelector('#legend .s').setAttribute('fill', `url(#hatch-${asked.hue})`);
    for (const span of document.querySelectorAll('.need-name')) span.textContent = asked.name;
    find('mix').hidden = asked.need !== 'mix';
    const total = mix().reduce((sum, weight) => sum + weight, 0);
    for (const role of roles) input(`mix-${role}`).nextElementSibling.textContent = total ? percent(Number(values(`mix-${role}`)) / total) : '25\u00a0%';
    showAnswers();
    const view = values('view') || 'table';
    find('pictures').className = `pictures ${view}`;
    find('scatter').hidden = view === 'forest';
    find('forest').hidden = ['scatter', 'time'].includes(view);
    find('table').hidden = view !== 'table';
    find('card').hidden = true;
    if (!find('scatter').hidden) drawScatter(view === 'time');
    if (!find('forest').hidden) drawForest(view === 'forest' ? Infinity : 12);
    showTable();
    showCells();
  };

  // A dot shows its card; it never leads away. Its name in the card does.
  const card = node('div', { id: 'card', role: 'status' });
  card.hidden = true;
  area.append(card);
  let pinned = null;
  const tell = (dot) => {
    const one = found[indexOf.get(dot.dataset.slug)];
    for (const other of document.querySelectorAll('circle.at')) other.classList.remove('at');
    dot.classList.add('at');
    card.replaceChildren(
      node('a', { href: `models/${one.slug}.html` }, one.name), ` ${one.vendor}`,
      node('p', {}, node('b', {}, isUnknown(one) ? MISSING : whole(one.score)), one.low === null || isUnknown(one) ? '' : ` ${whole(one.low)}–${whole(one.high)}`, ` in ${asked.name}, ${one.place ? `place ${range(one)}` : 'no place yet: not enough evidence'}`),
      node('p', {}, `${one.cost} per 1M tokens · ${percent(one.own)} own evidence${one.day ? ` · ${one.day}` : ''}`),
    );
    card.hidden = false;
    const box = dot.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + scrollX - card.offsetWidth / 2), innerWidth - card.offsetWidth - 16);
    card.style.left = `${left}px`;
    card.style.top = `${box.bottom + scrollY + 8}px`;
  };
  const hide = () => { card.hidden = true; pinned = null; for (const other of document.querySelectorAll('circle.at')) other.classList.remove('at'); };
  // The nearest dot within a thumb's reach.
  const nearest = ({ clientX, clientY, target }) => {
    const svg = target.closest && target.closest('.chart svg');
    if (!svg) return null;
    let best = null;
    let least = 22;
    for (const dot of svg.querySelectorAll('circle:not(.out)')) {
      const box = dot.getBoundingClientRect();
      const far = Math.hypot(clientX - box.x - box.width / 2, clientY - box.y - box.height / 2);
      if (far < least) { least = far; best = dot; }
    }
    return best;
  };
  find('pictures').addEventListener('pointermove', (event) => { if (event.pointerType === 'mouse' && !pinned) { const dot = nearest(event); if (dot) tell(dot); else hide(); } });
  addEventListener('click', (event) => {
    if (card.contains(event.target)) return;
    const dot = nearest(event);
    hide();
    if (dot) { tell(dot); pinned = dot; }
  });
  addEventListener('keydown', ({ key }) => { if (key === 'Escape') hide(); });

  for (const head of document.querySelectorAll('#models thead [data-sort]')) {
    const button = node('button', { type: 'button' });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const isAgain = shape.sort === head.dataset.sort;
      shape.dir = isAgain ? (shape.dir === 'asc' ? 'desc' : 'asc') : head.dataset.first;
      shape.sort = head.dataset.sort;
      showTable();
      loadRest();
      remember();
    });
  }
  if (rest) rest.addEventListener('click', (event) => { event.preventDefault(); loadRest(); });
  document.querySelector('#models').addEventListener('change', ({ target }) => {
    if (!target.matches('.pick input')) return;
    if (target.checked) chosen.add(target.value); else chosen.delete(target.value);
    showTray();
  });
  find('clear-chosen').addEventListener('click', () => { chosen.clear(); showTray(); });
  find('reset').addEventListener('click', () => {
    for (const name of ['price', 'evidence', 'values', 'q']) if (input(name)) input(name).value = '';
    if (input('open')) input('open').checked = false;
    show();
    remember();
    input('q').focus();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  const changed = ({ target, type }) => {
    if (!target.form || target.form !== form) return;
    show();
    loadRest();
    // A choice is a step to come back to; a letter or a slider on its way is not.
    remember(type === 'change' && !['q'].includes(target.name) && target.type !== 'range');
  };
  document.addEventListener('change', changed);
  form.addEventListener('input', (event) => { if (['search', 'range'].includes(event.target.type)) changed(event); });
  addEventListener('popstate', () => { recall(); show(); });
  let width = innerWidth;
  addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; show(); } });
  // On a phone the filters wait behind a word.
  find('more-filters').open = !matchMedia('(max-width: 47rem)').matches || location.search !== '';
  recall();
  show();
  showTray();
})();
