// Sorting, filtering and the theme. Everything is readable without this file.
'use strict';
(() => {
  const find = (id) => document.getElementById(id);

  // Theme: the reader's choice, else the system's.
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);
  if (['light', 'dark'].includes(stored())) root.dataset.theme = stored();
  const toggle = find('theme');
  const showTheme = () => toggle.setAttribute('aria-pressed', isDark());
  toggle.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    try { localStorage.setItem('theme', root.dataset.theme); } catch { /* private window */ }
    showTheme();
  });
  dark.addEventListener('change', showTheme);
  showTheme();

  // The time of refresh as the reader's clock shows it.
  const refreshed = find('refreshed');
  if (refreshed) {
    const moment = new Date(refreshed.dateTime);
    const local = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString();
    refreshed.title = refreshed.textContent;
    refreshed.textContent = `${local.slice(0, 10)} ${local.slice(11, 16)} your time`;
  }

  // The full value of a cell, at once under the pointer and under the keyboard. From a link in a
  // table the arrow keys go from cell to cell.
  const tip = document.createElement('div');
  tip.id = 'tip';
  tip.role = 'tooltip';
  tip.hidden = true;
  document.body.append(tip);
  let told = null;
  const untell = () => {
    if (!told) return;
    told.cell.title = told.text;
    told.cell.removeAttribute('aria-describedby');
    told = null;
    tip.hidden = true;
  };
  const tell = (cell) => {
    if (told && told.cell === cell) return;
    untell();
    if (!cell || !cell.title) return;
    told = { cell, text: cell.title };
    tip.textContent = cell.title;
    // Else the browser's own would come as well, a moment later.
    cell.removeAttribute('title');
    cell.setAttribute('aria-describedby', 'tip');
    tip.hidden = false;
    const place = cell.getBoundingClientRect();
    const left = Math.min(place.right - tip.offsetWidth, innerWidth - tip.offsetWidth - 4);
    const above = place.top - tip.offsetHeight - 2;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${above < 0 ? place.bottom + 2 : above}px`;
  };
  const cellOf = (target) => (target.closest ? target.closest('td, tbody th') : null);
  const main = find('content');
  main.addEventListener('pointerover', ({ target }) => tell(cellOf(target)));
  main.addEventListener('pointerleave', untell);
  main.addEventListener('focusin', ({ target }) => tell(cellOf(target)));
  main.addEventListener('focusout', untell);
  addEventListener('scroll', untell, { capture: true, passive: true });
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  main.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') untell();
    const cell = cellOf(event.target);
    if (!cell || !steps[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    const [across, down] = steps[event.key];
    let row = cell.parentElement;
    do row = down > 0 ? row.nextElementSibling : down < 0 ? row.previousElementSibling : row; while (down && row && row.hidden);
    let next = row && row.cells[cell.cellIndex + across];
    while (next && !next.offsetWidth) next = row.cells[next.cellIndex + across];
    if (!next) return;
    event.preventDefault();
    const link = next.querySelector('a');
    if (!link) next.tabIndex = -1;
    (link || next).focus();
  });

  const table = find('models');
  if (!table) return;
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const columns = heads.map((head) => ({
    id: head.dataset.sort, isText: 'text' in head.dataset, first: head.dataset.first, head,
  }));
  // The rows in their printed order, with what sorting and filtering look at.
  const rows = [...body.rows].map((row, order) => {
    const values = {};
    columns.forEach(({ id, isText }, index) => {
      const cell = row.cells[index];
      const text = isText ? cell.firstElementChild.textContent : cell.dataset.v;
      values[id] = isText ? text : text === '' ? null : Number(text);
    });
    const tiers = Object.fromEntries([...row.querySelectorAll('td i')].map((mark) => [mark.closest('td').classList[0], Number(mark.textContent.slice(1))]));
    const words = `${values.model} ${values.vendor} ${row.dataset.id}`.toLowerCase();
    return { row, order, values, words, tiers, opened: {} };
  });

  // Tiers need not follow the scores: how many have begun from the best model down to each, and to
  // those that tie with it.
  for (const role of Object.keys(rows[0].tiers)) {
    const falling = [...rows].sort((a, b) => b.values[role] - a.values[role]);
    let begun = 0;
    for (const { tiers, opened } of falling) opened[role] = begun = Math.max(begun, tiers[role]);
    falling.reduceRight((after, entry) => {
      if (entry.values[role] === after.values[role]) entry.opened[role] = after.opened[role];
      return entry;
    });
  }

  const inputs = { q: find('f-q'), vendor: find('f-vendor'), open: find('f-open'), price: find('f-price'), coverage: find('f-coverage') };
  // A long list is laid out in part, so that the page stays quick; the rest is a click away.
  const PART = 100;
  let most = PART;
  const printed = { sort: 'balanced', dir: 'desc' };
  const state = { ...printed };

  let sorted = rows;
  const filter = () => {
    const words = inputs.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const vendor = inputs.vendor.value;
    const ceiling = inputs.price && inputs.price.value;
    const floor = inputs.coverage && inputs.coverage.value;
    let shown = 0;
    let above = null;
    for (const { row, values, words: text, opened } of sorted) {
      const fits = words.every((word) => text.includes(word))
        && (!vendor || row.dataset.vendor === vendor)
        && !(inputs.open && inputs.open.checked && !('open' in row.dataset))
        && (!ceiling || (values.price !== null && values.price <= Number(ceiling)))
        && (!floor || (values.coverage !== null && values.coverage >= Number(floor)));
      row.hidden = !fits || shown >= most;
      const tier = opened[state.sort];
      row.classList.toggle('edge', !row.hidden && above !== null && tier !== above);
      if (!row.hidden && tier) above = tier;
      shown += fits;
    }
    find('more').hidden = shown <= most;
    find('part').textContent = `The first ${most} of ${shown.toLocaleString('en')}.`;
    find('count').textContent = `${shown} of ${rows.length}`;
    find('nothing').hidden = shown > 0;
  };

  const sort = () => {
    const { id, isText } = columns.find((column) => column.id === state.sort);
    const sign = state.dir === 'asc' ? 1 : -1;
    const compare = (a, b) => {
      const x = a.values[id];
      const y = b.values[id];
      if (x === null || y === null) return (x === null) - (y === null) || a.order - b.order;
      return sign * (isText ? collator.compare(x, y) : x - y) || a.order - b.order;
    };
    sorted = [...rows].sort(compare);
    // A list in its printed order is left where it stands.
    if (sorted.some(({ row }, place) => body.rows[place] !== row)) body.append(...sorted.map(({ row }) => row));
    table.dataset.by = id;
    for (const column of columns) {
      if (column.id === id) column.head.setAttribute('aria-sort', state.dir === 'asc' ? 'ascending' : 'descending');
      else column.head.removeAttribute('aria-sort');
    }
  };

  const remember = () => {
    const query = new URLSearchParams();
    for (const [name, input] of Object.entries(inputs)) {
      const value = input && (input.type === 'checkbox' ? (input.checked ? '1' : '') : input.value.trim());
      if (value) query.set(name, value);
    }
    if (state.sort !== printed.sort || state.dir !== printed.dir) {
      query.set('sort', state.sort);
      query.set('dir', state.dir);
    }
    const text = query.toString();
    // A page opened from a folder may not change its address; it works without.
    try { history.replaceState(null, '', (text ? `?${text}` : location.pathname) + location.hash); } catch { /* file: */ }
  };

  const recall = () => {
    const query = new URLSearchParams(location.search);
    for (const [name, input] of Object.entries(inputs)) {
      if (!input) continue;
      if (input.type === 'checkbox') input.checked = query.get(name) === '1';
      else input.value = query.get(name) || '';
      if (input.selectedIndex === -1) input.value = '';
    }
    const column = columns.find(({ id }) => id === query.get('sort'));
    state.sort = column ? column.id : printed.sort;
    state.dir = ['asc', 'desc'].includes(query.get('dir')) ? query.get('dir') : columns.find(({ id }) => id === state.sort).first;
  };

  for (const column of columns) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...column.head.childNodes);
    column.head.append(button);
    button.addEventListener('click', () => {
      const again = state.sort === column.id;
      state.dir = again ? (state.dir === 'asc' ? 'desc' : 'asc') : column.first;
      state.sort = column.id;
      sort();
      filter();
      remember();
    });
  }
  find('show-all').addEventListener('click', () => {
    const next = sorted.filter(({ row }) => !row.hidden).length;
    most = Infinity;
    filter();
    const links = sorted.filter(({ row }) => !row.hidden).map(({ row }) => row.querySelector('a'));
    if (links[next]) links[next].focus();
  });
  find('filters').addEventListener('input', () => { filter(); remember(); });
  find('reset').addEventListener('click', () => {
    for (const input of Object.values(inputs)) {
      if (input && input.type === 'checkbox') input.checked = false;
      else if (input) input.value = '';
    }
    filter();
    remember();
    inputs.q.focus();
  });
  recall();
  sort();
  filter();
})();
