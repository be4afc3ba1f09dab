// Two to four models side by side. Nothing is scored here: contributions are subtracted.
'use strict';
(() => {
  const area = document.getElementById('compare');
  if (!area) return;
  const { roles, groups, models } = JSON.parse(area.dataset.board);
  const bySlug = new Map(models.map((model) => [model[0], model]));
  const table = document.getElementById('comparison');
  const chosen = document.getElementById('chosen');
  const pattern = document.querySelector('#pattern svg');
  const MOST = 4;
  const asked = (new URLSearchParams(location.search).get('m') || '').split(',');
  let slugs = [...new Set(asked.filter((slug) => bySlug.has(slug)))].slice(0, MOST);
  for (const [slug] of models) if (slugs.length < 2 && !slugs.includes(slug)) slugs.push(slug);

  const node = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
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
      if (value !== null) cell.title = value.toFixed(6);
      row.append(cell);
      if (index > 0) {
        const gap = (value || 0) - (values[0] || 0);
        const difference = node('td', signed(gap), { class: 'difference', title: gap.toFixed(6) });
        difference.append(bar(gap, scale));
        row.append(difference);
      }
    });
    return row;
  };

  const widest = (values) => Math.max(...values.map((value) => Math.abs((value || 0) - (values[0] || 0))));

  const draw = () => {
    const shown = slugs.map((slug) => bySlug.get(slug));
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
        const metrics = [...metricNames, 'pull to 50'].map((name, index) => {
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

  const remember = () => {
    try { history.replaceState(null, '', `?m=${slugs.join(',')}`); } catch { /* file: */ }
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
  choose();
  draw();
})();
