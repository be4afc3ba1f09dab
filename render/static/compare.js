// Two to four models side by side. Nothing is scored here: intervals are compared, contributions subtracted.
'use strict';
(() => {
  const area = document.getElementById('compare');
  if (!area) return;
  const { roles, groups, models, metrics, leads } = JSON.parse(area.dataset.board);
  const bySlug = new Map(models.map((model) => [model[0], model]));
  const table = document.getElementById('comparison');
  const chosen = document.getElementById('chosen');
  const pattern = document.querySelector('#pattern svg');
  const MOST = 4;
  const asked = () => {
    const given = (new URLSearchParams(location.search).get('m') || '').split(',');
    const found = [...new Set(given.filter((slug) => bySlug.has(slug)))].slice(0, MOST);
    for (const [slug] of models) if (found.length < 2 && !found.includes(slug)) found.push(slug);
    return found;
  };
  let slugs = asked();

  const node = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  // Words with hyphens, as model ids are, stay on one line where they fit a phone's.
  const unbroken = (text) => text.split(/(\S*-\S*)/).filter(Boolean)
    .map((part) => (part.includes('-') && part.length <= 28 ? node('span', part, { class: 'nb' }) : part));
  const number = (value) => (value === null ? '–' : value.toFixed(1));
  const signed = (value) => {
    const text = Math.abs(value).toFixed(1);
    return text === '0.0' ? '0.0' : (value < 0 ? '−' : '+') + text;
  };
  const bar = (value, scale) => {
    const svg = pattern.cloneNode(true);
    svg.setAttribute('class', `gap ${value < 0 ? 'behind' : 'ahead'}`);
    const rect = svg.firstElementChild;
    const width = Math.min(50, (50 * Math.abs(value)) / scale);
    rect.setAttribute('x', `${value < 0 ? 50 - width : 50}%`);
    rect.setAttribute('width', `${width}%`);
    return svg;
  };

  const line = (kind, name, values, scale) => {
    const row = node('tr', undefined, { class: kind });
    row.append(node('th', name, { scope: 'row' }));
    values.forEach((value, index) => {
      const cell = node('td', number(value));
      row.append(cell);
      if (index > 0) {
        const gap = (value || 0) - (values[0] || 0);
        const difference = node('td', signed(gap), { class: 'difference' });
        difference.append(bar(gap, scale));
        row.append(difference);
      }
    });
    return row;
  };

  const widest = (values) => Math.max(...values.map((value) => Math.abs((value || 0) - (values[0] || 0))));

  const draw = () => {
    const shown = slugs.map((slug) => bySlug.get(slug));
    summary(shown);
    details(shown);
    const head = node('tr');
    head.append(node('th', 'Adds to the score', { scope: 'col', class: 'text' }));
    shown.forEach((model, index) => {
      const cell = node('th', undefined, { scope: 'col' });
      const link = node('a', model[1], { href: `models/${model[0]}.html`, class: 'clip' });
      cell.append(link);
      head.append(cell);
      if (index > 0) head.append(node('th', 'difference', { scope: 'col' }));
    });
    const thead = node('thead');
    thead.append(head);
    table.replaceChildren(thead);
    roles.forEach(([roleId, letter, roleName, weights], position) => {
      const body = node('tbody', undefined, { class: roleId });
      const scores = shown.map((model) => model[2][position]);
      const parts = weights.map(([groupId, weight]) => {
        const [groupName, metricNames] = groups[groupId];
        const metrics = [...metricNames, 'not measured, counted as 50'].map((name, index) => {
          const values = shown.map((model) => {
            const part = model[4][groupId][index];
            return part === null ? null : weight * part;
          });
          return { name, values };
        });
        const sums = shown.map((_, index) => metrics.reduce((sum, { values }) => sum + (values[index] || 0), 0));
        return { name: groupName, values: sums, metrics };
      });
      const scale = Math.max(1, widest(scores), ...parts.map(({ values }) => widest(values)), ...parts.flatMap(({ metrics }) => metrics.map(({ values }) => widest(values))));
      body.append(line('role', `${letter} ${roleName}`, scores, scale));
      for (const part of parts) {
        body.append(line('group', part.name, part.values, scale));
        part.metrics.sort((one, other) => widest(other.values) - widest(one.values));
        for (const { name, values } of part.metrics) {
          if (values.some((value) => value)) body.append(line('metric', name, values, scale));
        }
      }
      table.append(body);
    });
  };

  // What the reader sees first: a mark for each model, both ends of its interval, and what that says.
  const svg = (tag, attributes) => {
    const made = document.createElementNS(pattern.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const shape = (place, x, y) => (place < 2
    ? svg('circle', { class: `mark-${place}`, cx: x, cy: y, r: 4.5 })
    : svg('rect', { class: `mark-${place}`, x, y: y - 4, width: 8, height: 8, transform: 'translate(-4 0)' }));
  const key = (place) => {
    const made = svg('svg', { class: 'mark', 'aria-hidden': 'true' });
    made.append(shape(place, 5, 5));
    return made;
  };
  const dumbbell = (values, low, high, ends = []) => {
    const across = (value) => `${(100 * (value - low)) / (high - low)}%`;
    const known = values.filter((value) => value !== null);
    const made = svg('svg', { class: 'dumbbell', 'aria-hidden': 'true' });
    made.append(svg('line', { class: 'track', x1: 0, x2: '100%', y1: 7, y2: 7 }));
    ends.forEach(([from, to], place) => { if (from !== null) made.append(svg('line', { class: 'whisker', x1: across(from), x2: across(to), y1: 7 + 5 * (place - (ends.length - 1) / 2), y2: 7 + 5 * (place - (ends.length - 1) / 2) })); });
    if (known.length > 1) made.append(svg('line', { class: 'span', x1: across(Math.min(...known)), x2: across(Math.max(...known)), y1: 7, y2: 7 }));
    [...values.keys()].reverse().forEach((place) => { if (values[place] !== null) made.append(shape(place, across(values[place]), 7)); });
    return made;
  };
  const list = (words) => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);
  // Two models' lead in a role: in how many of 100 draws the first is ahead, and whether that is
  // clear by the rule of the tiers; null where there are no draws of both.
  const leadOf = (id, slug, other) => {
    const [order, ahead, clear] = leads[id];
    const [first, second] = [order.indexOf(slug), order.indexOf(other)];
    if (first < 0 || second <= first) return null;
    return { ahead: ahead[first][second - first - 1], isClear: clear[first][second - first - 1] === '1' };
  };
  const orderIn = (position, { model }) => leads[roles[position][0]][0].indexOf(model[0]);
  const judge = (shown, position) => {
    const stands = shown.map((model) => ({ model, score: model[2][position], low: model[3][position][0], high: model[3][position][1], isRanked: model[3][position][2] !== '–' }));
    const unranked = stands.filter(({ isRanked }) => !isRanked);
    const [first, second] = stands.filter(({ isRanked }) => isRanked).sort((a, b) => b.score - a.score || (orderIn(position, a) - orderIn(position, b)));
    if (!second) return { isClear: false, text: unranked.length === stands.length ? 'too little is measured for any model' : `too little is measured for ${list(unranked.map(({ model }) => model[1]))}` };
    const lead = leadOf(roles[position][0], first.model[0], second.model[0]);
    const isClear = lead !== null && lead.isClear;
    const rest = unranked.length ? `; too little is measured for ${list(unranked.map(({ model }) => model[1]))}` : '';
    return { isClear, leader: first.model, text: `${first.model[1]} ${signed(first.score - second.score)}${lead ? `, ahead${stands.length - unranked.length > 2 ? ` of ${second.model[1]}` : ''} in ${lead.ahead} of 100 draws` : ''}${rest}` };
  };
  const heading = (shown, last) => {
    const row = node('tr');
    row.append(node('th', '', { scope: 'col' }));
    row.firstChild.append(node('span', last[0], { class: 'unseen' }));
    shown.forEach((model, place) => {
      const cell = node('th', undefined, { scope: 'col' });
      const link = node('a', model[1], { href: `models/${model[0]}.html` });
      cell.append(key(place), link);
      row.append(cell);
    });
    row.append(node('th', last[1], { scope: 'col', class: 'drawn' }), node('th', last[2], { scope: 'col' }));
    const thead = node('thead');
    thead.append(row);
    return thead;
  };
  const summary = (shown) => {
    const clear = new Map();
    const close = [];
    const unknown = [];
    const roleTable = document.getElementById('roles');
    const body = node('tbody');
    const scoreOf = (model, position) => (model[3][position][4] ? null : model[2][position]);
    const endsOf = (model, position) => (model[3][position][4] ? [null, null] : model[3][position].slice(0, 2));
    const ends = shown.flatMap((model) => roles.flatMap((_, position) => [scoreOf(model, position), ...endsOf(model, position)])).filter((value) => value !== null);
    const floor = Math.max(0, 10 * Math.floor((Math.min(91, ...ends) - 1) / 10));
    roles.forEach(([id, , name], position) => {
      const row = node('tr', undefined, { class: id });
      row.append(node('th', name, { scope: 'row' }));
      for (const model of shown) {
        const [low, high, place, , isUnknown] = model[3][position];
        const cell = node('td', undefined, { class: place === '–' ? 'prov' : '' });
        const value = node('span', isUnknown ? '–' : model[2][position].toFixed(0), { class: 'value', title: isUnknown ? 'Nothing is known: no value is measured, claimed or borrowed' : model[2][position].toFixed(1) });
        cell.append(value, ' ', node('small', isUnknown ? 'nothing known' : place === '–' ? 'provisional' : low === null ? '' : `${low.toFixed(0)}–${high.toFixed(0)}`));
        row.append(cell);
      }
      const drawn = node('td', undefined, { class: 'drawn' });
      drawn.append(dumbbell(shown.map((model) => scoreOf(model, position)), floor, 100, shown.map((model) => endsOf(model, position))));
      const { isClear, leader, text } = judge(shown, position);
      const said = node('td', undefined, { class: 'said' });
      if (leader) said.append(node(isClear ? 'b' : 'span', isClear ? 'clear difference' : 'within uncertainty'), ': ');
      said.append(...unbroken(text));
      row.append(drawn, said);
      body.append(row);
      if (isClear) clear.set(leader[1], [...(clear.get(leader[1]) || []), name]);
      else if (leader) close.push(name);
      else unknown.push(name);
    });
    const fact = (name, texts, said) => {
      const row = node('tr');
      row.append(node('th', name, { scope: 'row' }));
      for (const [text, small] of texts) {
        const cell = node('td');
        cell.append(node('span', text || 'not known', { class: text ? 'value' : 'none' }));
        if (small) cell.append(' ', node('small', small));
        row.append(cell);
      }
      const last = node('td', undefined, { class: 'said' });
      last.append(...unbroken(said));
      row.append(node('td', undefined, { class: 'drawn' }), last);
      body.append(row);
    };
    const prices = shown.map((model) => model[5][0]);
    const isPriced = prices.every((price) => price !== null) && Math.max(...prices) > 0;
    const cheapest = shown[prices.indexOf(Math.min(...prices))];
    const dearest = shown[prices.indexOf(Math.max(...prices))];
    const saved = isPriced ? Math.floor(100 - 100 * Math.min(...prices) / Math.max(...prices) + 1e-9) : 0;
    const saving = saved > 0 ? `${cheapest[1]} costs ${saved}\u00a0% less than ${dearest[1]}` : '';
    const efforts = (index) => (new Set(shown.filter((model) => model[5][index - 1] !== null).map((model) => model[5][index])).size > 1 ? 'different efforts, so not comparable' : '');
    fact('Price per 1M tokens', shown.map((model) => [model[5][0] === null ? '' : model[5][6]]), saving);
    fact('Output', shown.map((model) => [model[5][1] === null ? '' : `${model[5][1].toFixed(0)} tokens/s`, model[5][2] && `${model[5][2]} effort`]), efforts(2));
    fact('First token', shown.map((model) => [model[5][3] === null ? '' : `${model[5][3].toFixed(1)} s`, model[5][4] && `${model[5][4]} effort`]), efforts(4));
    fact('Context', shown.map((model) => [model[5][5] === '–' ? '' : model[5][5]]), '');
    fact('Own evidence', shown.map((model) => [model[3].some(([, , , own]) => own === null) ? '' : model[3].map(([, , , own], position) => `${roles[position][2]}\u00a0${(100 * own).toFixed(0)}\u00a0%`).join(', ')]), 'share of each role’s weight that is measured or claimed');
    roleTable.replaceChildren(heading(shown, ['Role', `${floor}–100, with intervals`, 'Difference']), body);

    document.getElementById('question').textContent = `${shown.map((model) => model[1]).join(shown.length === 2 ? ' or ' : ', ')}?`;
    const parts = [...clear].map(([name, where]) => `${name} is clearly ahead in ${list(where)}`);
    if (close.length) parts.push(`in ${list(close)} the difference is within uncertainty`);
    if (unknown.length) parts.push(`${parts.length ? `in ${list(unknown)} ` : ''}too little is measured to compare them`);
    const sentence = parts.join('; ');
    document.getElementById('verdict').textContent = `${sentence[0].toUpperCase()}${sentence.slice(1)}.${saving && ` ${saving}.`}`;
  };
  const details = (shown) => {
    const body = node('tbody');
    metrics.forEach(([name, page, shares], index) => {
      const found = shown.map((model) => model[6][index]);
      if (found.every((one) => one === null)) return;
      const row = node('tr');
      const head = node('th', undefined, { scope: 'row' });
      head.append(page ? node('a', name, { href: page }) : name);
      row.append(head);
      for (const one of found) {
        const cell = node('td');
        if (one === null) cell.append(node('span', 'not known', { class: 'none' }));
        else {
          cell.append(node('span', `${one[2] === 's' ? '≈ ' : ''}${one[0]}`, { class: 'value', title: `${one[1].toFixed(1)} points` }));
          if (one[2] !== 'm') cell.append(' ', node('small', one[2] === 's' ? 'borrowed' : 'claimed'));
        }
        row.append(cell);
      }
      const drawn = node('td', undefined, { class: 'drawn' });
      drawn.append(dumbbell(found.map((one) => (one === null ? null : one[1])), 0, 100));
      const most = shares.indexOf(Math.max(...shares));
      row.append(drawn, node('td', `${(100 * shares[most]).toFixed(1)}\u00a0% of ${roles[most][2]}`, { class: 'said' }));
      body.append(row);
    });
    document.getElementById('results').replaceChildren(heading(shown, ['Benchmark', 'points', 'Weight']), body);
  };

  const remember = () => {
    // Each choice is a step that the reader can go back from.
    try { history.pushState(null, '', `?m=${slugs.join(',')}`); } catch { /* file: */ }
  };

  const choose = () => {
    chosen.replaceChildren();
    for (let index = 0; index < Math.min(MOST, slugs.length + 1); index += 1) {
      const label = node('label', `${index + 1} `);
      const select = node('select', undefined, { id: `model-${index + 1}` });
      if (index >= 2 || index >= slugs.length) select.append(node('option', index >= slugs.length ? 'add a model' : 'none', { value: '' }));
      for (const [slug, name] of models) {
        if (slug === slugs[index] || !slugs.includes(slug)) select.append(node('option', name.slice(0, 60), { value: slug }));
      }
      select.value = slugs[index] || '';
      select.addEventListener('change', () => {
        if (select.value) slugs[index] = select.value;
        else slugs.splice(index, 1);
        slugs = slugs.filter(Boolean);
        choose();
        draw();
        remember();
        const again = document.getElementById(`model-${index + 1}`);
        if (again) again.focus();
      });
      label.append(select);
      chosen.append(label);
    }
  };
  addEventListener('popstate', () => { slugs = asked(); choose(); draw(); });
  choose();
  draw();
  // The pair that is shown unasked has an address as well.
  try { history.replaceState(null, '', `?m=${slugs.join(',')}`); } catch { /* file: */ }
})();
