// What the scores would be with other weights: the rules of docs/methodology.md on values that the
// database has normalised and discounted. tests/runs/test_what_if_page.py holds it to SQL.
'use strict';
const whatIf = (() => {
  // Weights that sum to 1; null where all are zero.
  const normalised = (weights) => {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return sum > 0 ? weights.map((weight) => weight / sum) : null;
  };

  // The mean of what is present, pulled towards 50 while little is.
  const average = (values, weights, { threshold, width }) => {
    let present = 0;
    let sum = 0;
    for (let index = 0; index < weights.length; index += 1) {
      const value = values[index];
      if (value !== null && weights[index] > 0) {
        present += weights[index];
        sum += weights[index] * value;
      }
    }
    if (present === 0) return 50;
    let t = present >= threshold ? 1 : 0;
    if (width > 0) t = Math.min(Math.max((present - (threshold - width / 2)) / width, 0), 1);
    const trust = t * t * (3 - 2 * t);
    const kept = present + (1 - present) * trust;
    return kept * (sum / present) + 50 * (1 - kept);
  };

  // weights: {groups: {id: [...]}, roles: {key: [...]}}; returns per role one score per model.
  const score = (board, weights) => {
    const groupIds = Object.keys(board.groups);
    const used = {};
    for (const id of groupIds) used[id] = normalised(weights.groups[id]) || normalised(board.groups[id].map(([, weight]) => weight));
    const places = {};
    for (const id of groupIds) places[id] = board.groups[id].map(([place]) => place);
    const groups = board.models.map(({ values }) => {
      const scores = {};
      for (const id of groupIds) scores[id] = average(places[id].map((place) => values[place]), used[id], board.settings);
      return scores;
    });
    return board.roles.map(({ key, groups: parts }) => {
      const shares = normalised(weights.roles[key]) || normalised(parts.map(([, weight]) => weight));
      return groups.map((scores) => parts.reduce((sum, [id], index) => sum + shares[index] * scores[id], 0));
    });
  };

  // 1 is the best; equal to six decimals share a rank.
  const ranks = (scores) => {
    const order = scores.map((value, index) => [Math.round(value * 1e6), index]).sort((a, b) => b[0] - a[0]);
    const found = [];
    order.forEach(([value, index], place) => {
      found[index] = place && order[place - 1][0] === value ? found[order[place - 1][1]] : place + 1;
    });
    return found;
  };

  // Kendall's tau-b of two lists of ranks: 1 the same order, -1 the reverse.
  const tau = (one, other) => {
    let agree = 0;
    let pairsOne = 0;
    let pairsOther = 0;
    for (let i = 1; i < one.length; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const a = Math.sign(one[i] - one[j]);
        const b = Math.sign(other[i] - other[j]);
        agree += a * b;
        pairsOne += a * a;
        pairsOther += b * b;
      }
    }
    return pairsOne && pairsOther ? agree / Math.sqrt(pairsOne * pairsOther) : 1;
  };

  const official = (board) => ({
    groups: Object.fromEntries(Object.entries(board.groups).map(([id, children]) => [id, children.map(([, weight]) => weight)])),
    roles: Object.fromEntries(board.roles.map(({ key, groups }) => [key, groups.map(([, weight]) => weight)])),
  });

  const tomlKey = (key) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key));
  const tomlNumber = (value) => (Number.isInteger(value) ? `${value}.0` : String(value));
  const coefficients = (board, weights) => {
    const table = (name, parent, names, values, fallback) => {
      const used = normalised(values) || normalised(fallback);
      return [`[${name}.${tomlKey(parent)}]`, ...names.map((child, index) => `${tomlKey(child)} = ${tomlNumber(used[index])}`), ''].join('\n');
    };
    return [
      ...Object.entries(board.groups).map(([id, children]) => table('group_weights', id, children.map(([place]) => board.metrics[place][0]), weights.groups[id], children.map(([, weight]) => weight))),
      ...board.roles.map(({ key, groups }) => table('final_score_weights', key, groups.map(([id]) => id), weights.roles[key], groups.map(([, weight]) => weight))),
      board.rest,
    ].join('\n');
  };
  return { score, ranks, tau, official, coefficients };
})();
if (typeof module !== 'undefined') module.exports = whatIf;

if (typeof document !== 'undefined') (() => {
  const area = document.getElementById('what-if');
  if (!area) return;
  const board = JSON.parse(area.dataset.board);
  const start = whatIf.official(board);
  const state = whatIf.official(board);
  const officialRanks = board.roles.map((_, role) => whatIf.ranks(board.models.map((model) => model.scores[role])));
  const controls = document.getElementById('weights');
  const body = document.getElementById('what-if-rows');
  const text = document.getElementById('toml');
  const sliders = [];
  let sortRole = 2;

  const node = (tag, content, attributes = {}) => {
    const made = document.createElement(tag);
    if (content !== undefined) made.textContent = content;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const percent = (value, all) => {
    const sum = all.reduce((total, weight) => total + weight, 0);
    return sum > 0 ? `${((100 * value) / sum).toFixed(1)} %` : 'official';
  };

  // A row is made when it is first shown; each cell is written only when its text changes.
  const makeRow = (model) => {
    const row = node('tr');
    const name = node('th', undefined, { scope: 'row' });
    name.append(node('a', model.name, { href: `models/${model.slug}.html`, class: 'clip' }));
    const place = node('td', '', { class: 'rank' });
    row.append(place, name);
    const cells = board.roles.map(({ id }, role) => {
      const cell = node('td', undefined, { class: model.ranked[role] ? id : `${id} prov` });
      const parts = [node('small'), node('span'), node('small', undefined, { class: 'moved' })];
      cell.append(...parts);
      row.append(cell);
      return { cell, parts };
    });
    return { row, place, cells };
  };
  const rows = [];
  const write = (element, content) => { if (element.textContent !== content) element.textContent = content; };
  // A long list is shown in part, so that a slider stays quick; the rest is a click away.
  const PART = 100;
  let most = PART;
  const more = document.getElementById('more');

  const paint = () => {
    const scores = whatIf.score(board, state);
    const ranks = scores.map(whatIf.ranks);
    const order = board.models.map((_, model) => model).sort((a, b) => ranks[sortRole][a] - ranks[sortRole][b] || a - b);
    const shown = order.slice(0, most).map((model) => {
      rows[model] = rows[model] || makeRow(board.models[model]);
      const { row, place, cells } = rows[model];
      write(place, String(ranks[sortRole][model]));
      cells.forEach(({ cell, parts: [rank, score, moved] }, role) => {
        const gained = officialRanks[role][model] - ranks[role][model];
        const full = scores[role][model].toFixed(6);
        write(rank, String(ranks[role][model]));
        write(score, scores[role][model].toFixed(1));
        write(moved, gained > 0 ? `▲${gained}` : gained < 0 ? `▼${-gained}` : '');
        if (cell.title !== full) cell.title = full;
      });
      return row;
    });
    if (shown.length !== body.rows.length || shown.some((row, index) => body.rows[index] !== row)) body.replaceChildren(...shown);
    more.hidden = order.length <= most;
    document.getElementById('part').textContent = `The first ${most} of ${order.length.toLocaleString('en')}.`;
    board.roles.forEach(({ id }, role) => write(document.getElementById(`tau-${id}`), whatIf.tau(officialRanks[role], ranks[role]).toFixed(3)));
    for (const { shown, list, index } of sliders) write(shown, percent(list[index], list));
    if (!text.hidden) text.textContent = whatIf.coefficients(board, state);
  };

  const remember = () => {
    const query = new URLSearchParams();
    for (const { name, list, first, index } of sliders) if (list[index] !== first[index]) query.set(name, list[index]);
    if (sortRole !== 2) query.set('role', board.roles[sortRole].id);
    const asked = query.toString();
    try { history.replaceState(null, '', asked ? `?${asked}` : location.pathname); } catch { /* file: */ }
  };

  const asked = new URLSearchParams(location.search);
  const fold = (title, hue, list, first, names, parent, isOpen) => {
    const details = node('details', undefined, { class: hue });
    details.open = isOpen;
    details.append(node('summary', title));
    names.forEach(([id, name], index) => {
      const key = `${parent}.${id}`;
      const given = asked.has(key) ? Number(asked.get(key)) : NaN;
      if (given >= 0 && given <= 1) { list[index] = given; details.open = true; }
      const label = node('label', name);
      const input = node('input', undefined, { type: 'range', min: 0, max: 1, step: 0.005 });
      // A step of its own would move an official weight that lies between two steps.
      input.value = list[index];
      const shown = node('output');
      label.append(input, shown);
      details.append(label);
      const slider = { name: key, list, first, index, shown, input };
      input.addEventListener('input', () => { list[index] = Number(input.value); paint(); remember(); });
      sliders.push(slider);
    });
    controls.append(details);
  };
  board.roles.forEach(({ id, key, name, groups }, position) => fold(name, id, state.roles[key], start.roles[key], groups.map(([group]) => [group, board.groupNames[group]]), key, position === 2));
  for (const [id, children] of Object.entries(board.groups)) fold(board.groupNames[id], '', state.groups[id], start.groups[id], children.map(([place]) => board.metrics[place]), id, false);

  const sorters = [...document.querySelectorAll('[name="sort-role"]')];
  sorters.forEach((input, role) => {
    if (asked.get('role') === board.roles[role].id) sortRole = role;
    input.addEventListener('change', () => { sortRole = role; paint(); remember(); });
  });
  sorters[sortRole].checked = true;
  document.getElementById('show-all').addEventListener('click', () => {
    most = Infinity;
    paint();
    body.rows[PART].querySelector('a').focus();
  });
  document.getElementById('reset').addEventListener('click', () => {
    for (const { list, first, index, input } of sliders) { list[index] = first[index]; input.value = first[index]; }
    paint();
    remember();
  });
  document.getElementById('show-toml').addEventListener('click', (event) => {
    text.hidden = !text.hidden;
    event.target.setAttribute('aria-expanded', String(!text.hidden));
    paint();
  });
  paint();
})();
