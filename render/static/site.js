// The theme, and the full value of a cell. Everything is readable without this file.
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

  // A chart as a file of its own: what style sheets say of it stands in its attributes.
  const STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'stroke-linecap', 'opacity', 'paint-order', 'font-family', 'font-size', 'font-weight'];
  const drawn = (svg) => {
    const space = svg.namespaceURI;
    const frame = svg.getBoundingClientRect();
    const copy = svg.cloneNode(true);
    const parts = copy.querySelectorAll('*');
    let [left, top, right, bottom] = [0, 0, frame.width, frame.height];
    svg.querySelectorAll('*').forEach((part, index) => {
      const style = getComputedStyle(part);
      for (const name of STYLES) parts[index].setAttribute(name, style.getPropertyValue(name));
      const box = part.getBoundingClientRect();
      left = Math.min(left, box.left - frame.left);
      top = Math.min(top, box.top - frame.top);
      right = Math.max(right, box.right - frame.left);
      bottom = Math.max(bottom, box.bottom - frame.top);
    });
    const whole = document.createElementNS(space, 'svg');
    const [width, height] = [right - left + 16, bottom - top + 16];
    for (const [name, value] of Object.entries({ width, height, viewBox: [left - 8, top - 8, width, height].join(' ') })) whole.setAttribute(name, value);
    for (const [name, value] of Object.entries({ width: frame.width, height: frame.height, overflow: 'visible' })) copy.setAttribute(name, value);
    const paper = document.createElementNS(space, 'rect');
    for (const [name, value] of Object.entries({ x: left - 8, y: top - 8, width, height, fill: getComputedStyle(document.body).backgroundColor })) paper.setAttribute(name, value);
    whole.append(paper, copy);
    return new XMLSerializer().serializeToString(whole);
  };
  for (const figure of document.querySelectorAll('figure.chart')) {
    const save = document.createElement('button');
    save.type = 'button';
    save.className = 'save';
    save.textContent = 'Save as SVG';
    save.addEventListener('click', () => {
      const link = document.createElement('a');
      link.download = `ipbr-${(figure.id || figure.textContent.trim().split(/\W/)[0] || 'chart').toLowerCase()}.svg`;
      link.href = URL.createObjectURL(new Blob([drawn(figure.querySelector('svg'))], { type: 'image/svg+xml' }));
      link.click();
      URL.revokeObjectURL(link.href);
    });
    figure.append(save);
  }

  // What is to be copied has a button for it, which says whether it worked.
  for (const block of document.querySelectorAll('pre.copy')) {
    const copy = document.createElement('button');
    copy.type = 'button';
    copy.className = 'save';
    copy.textContent = 'Copy';
    copy.addEventListener('click', async () => {
      getSelection().selectAllChildren(block);
      try { await navigator.clipboard.writeText(block.textContent); copy.textContent = 'Copied'; } catch { copy.textContent = 'Selected: copy with the keyboard'; }
    });
    block.after(copy);
  }

  // A score leads to what it is summed from, which is folded until then.
  const unfold = () => {
    const target = location.hash && find(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest('details:not([open])');
    if (!folded) return;
    folded.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', unfold);
  unfold();

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
  const put = () => {
    const place = told.cell.getBoundingClientRect();
    // Within the page's column, and on a screen that is scrolled sideways within the screen.
    const page = main.getBoundingClientRect();
    const left = Math.min(Math.max(place.right - tip.offsetWidth, page.left), page.right - tip.offsetWidth);
    const above = place.top - tip.offsetHeight - 2;
    tip.style.left = `${left}px`;
    tip.style.top = `${above < 0 ? place.bottom + 2 : above}px`;
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
    put();
  };
  const cellOf = (target) => (target.closest ? target.closest('td, tbody th') : null);
  const main = find('content');
  main.addEventListener('pointerover', ({ target }) => tell(cellOf(target)));
  // A finger that is lifted has not gone elsewhere: what a tap shows stays.
  main.addEventListener('pointerleave', ({ pointerType }) => { if (pointerType === 'mouse') untell(); });
  // A tap on a cell gives the focus to the region that scrolls, which takes nothing from the cell.
  main.addEventListener('focusin', ({ target }) => { if (cellOf(target)) tell(cellOf(target)); });
  main.addEventListener('focusout', ({ target }) => { if (told && told.cell.contains(target)) untell(); });
  // A cell that has the focus may be scrolled into view by it; from under a pointer it is gone.
  const follow = () => { if (told && told.cell.contains(document.activeElement)) put(); else untell(); };
  addEventListener('scroll', follow, { capture: true, passive: true });
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
})();
