// Clicks through the pages that can be clicked. Prints a JSON list of what is wrong.
// Usage: node site.cjs CHROMIUM ADDRESS
'use strict';
const { expect, run, site, watched } = require('./watch.cjs');

const WIDE = { viewport: { width: 1280, height: 800 } };
// Whether what is known is in order and what is not known stands last.
const isSorted = (values, direction) => {
  const known = values.filter((value) => value !== null);
  const compare = (a, b) => (direction === 'ascending' ? 1 : -1) * (typeof a === 'string' ? a.localeCompare(b) : a - b);
  return values.slice(0, known.length).every((value) => value !== null)
    && known.every((value, place) => place === 0 || compare(known[place - 1], value) <= 0);
};
const shown = (page) => page.locator('#ranked tr[id]:visible');
const names = (page) => page.locator('#ranked tr[id]:visible th bdi').allInnerTexts();
const answersOf = (page) => page.locator('#answers tbody tr').evaluateAll((rows) => rows.map((row) => row.innerText));
const need = (page, key) => page.locator(`.seg [value="${key}"]`).check();
const view = (page, key) => page.locator(`.views [value="${key}"]`).check();
const board = require('../../render/static/index.js');
const stateOf = (page) => page.evaluate(() => JSON.parse(document.getElementById('board').dataset.state));

const weight = async (browser) => {
  const page = await watched(browser, WIDE);
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(`${site}index.html`, { waitUntil: 'networkidle' });
  expect(`index: ${requests.length} requests: ${requests}`, requests.length > 2 && requests.length <= 6);
};

// What stands in the page and what the script makes of it are the same.
const redrawn = async (browser) => {
  const plain = await watched(browser, { ...WIDE, javaScriptEnabled: false });
  const page = await watched(browser, WIDE);
  const look = (one) => one.evaluate(() => ({
    answers: document.getElementById('answers').innerText,
    table: [...document.querySelectorAll('#models tr[id]')].map((row) => row.innerText.replace(/\s+/g, ' ')),
    dots: [...document.querySelectorAll('#scatter circle, #forest circle, #forest .whisker, #scatter .frontier, #forest .tier, .chart text:not(#scatter .name)')]
      .map((node) => `${node.outerHTML.replace(/ (xmlns|data-slug)="[^"]*"/g, '')}`).sort(),
  }));
  for (const one of [plain, page]) await one.goto(`${site}index.html`);
  const [still, moving] = [await look(plain), await look(page)];
  for (const key of Object.keys(still)) {
    const [x, y] = [JSON.stringify(still[key]), JSON.stringify(moving[key])];
    let at = 0;
    while (at < x.length && x[at] === y[at]) at += 1;
    expect(`index: the script redraws ${key}: ${x.slice(at - 40, at + 80)} | ${y.slice(at - 40, at + 80)}`, x === y);
  }
};

const sorting = async (page) => {
  await page.goto(`${site}index.html`);
  const ids = await page.locator('#models thead [data-sort]').evaluateAll((heads) => heads.map((head) => head.dataset.sort));
  expect(`index: ${ids.length} columns to sort by`, ids.length >= 8);
  for (const id of ids) {
    for (const _ of [1, 2]) {
      await page.click(`#models th[data-sort="${id}"] button`);
      const direction = await page.getAttribute(`#models th[data-sort="${id}"]`, 'aria-sort');
      const place = await page.locator(`#models th[data-sort="${id}"]`).evaluate((head) => head.cellIndex);
      const values = await page.locator('#ranked tr[id]').evaluateAll((rows, [column, isText]) => rows.map((row) => {
        const cell = row.cells[column];
        if (isText) return cell.querySelector('bdi').innerText.toLowerCase();
        const text = cell.title || cell.firstChild.textContent;
        const number = parseFloat(text.replace(/,/g, ''));
        return Number.isNaN(number) ? null : number * (/M/.test(cell.firstChild.textContent) ? 1e6 : /k/.test(cell.firstChild.textContent) ? 1e3 : 1);
      }), [place, id === 'name']);
      // Places are shown as ranges; their order is that of the scores.
      if (id !== 'place') expect(`index: ${id} ${direction}: ${values}`, isSorted(values, direction));
    }
  }
  const order = await names(page);
  await page.goto(page.url());
  expect('index: the order comes back with the address', (await names(page)).join() === order.join());
};

// Every answer is one that SQL would give: the same rule on the numbers in the page.
const asking = async (page, count) => {
  await page.goto(`${site}index.html`);
  const first = await answersOf(page);
  const state = await stateOf(page);
  for (const key of ['i', 'p', 'r', 'balanced', 'b']) {
    await need(page, key);
    const ranked = board.printed(state, key).filter(({ isRanked }) => isRanked).length;
    expect(`index: ${ranked} are ranked in ${key}`, await page.locator('#ranked tr[id]').count() === ranked);
    expect(`index: counted for ${key}`, await page.locator('#count').innerText() === `${ranked} ranked, ${count - ranked} without a place`);
    expect(`index: every provisional model says why in ${key}`, await page.locator('#new .reason:visible').count() === count - ranked);
  }
  expect('index: back where it began', (await answersOf(page)).join() === first.join());
  await page.goBack();
  expect('index: a step back', await page.locator('.seg [value="balanced"]').isChecked());
  await page.goto(`${site}index.html`);
  await page.check('#f-open');
  const open = state.models.filter((model) => model[3] === 1).map((model) => model[1]);
  expect('index: open weights only', (await names(page)).every((name) => open.includes(name)) && (await answersOf(page))[0].includes(open.find((name) => (first[2].includes(name)))));
  await page.uncheck('#f-open');
  const ceiling = await page.locator('#f-price option').nth(2).getAttribute('value');
  await page.selectOption('#f-price', ceiling);
  const cheap = state.models.filter((model) => model[4] !== null && model[4] <= Number(ceiling)).map((model) => model[1]);
  expect('index: none is dearer', (await names(page)).length > 0 && (await names(page)).every((name) => cheap.includes(name)));
  await page.check('#f-open');
  const address = page.url();
  expect('index: all is in the address', address.includes(`price=${ceiling}`) && address.includes('open=1'));
  const before = await answersOf(page);
  await page.goto(address);
  expect('index: and comes back', (await answersOf(page)).join() === before.join());
  await page.fill('#f-q', 'no such model');
  expect('index: nothing matches', await page.locator('#nothing').isVisible());
  await page.click('#reset');
  expect('index: all again', await shown(page).count() > 0 && !page.url().includes('?'));
};

const mixing = async (page) => {
  await page.goto(`${site}index.html?need=mix&mix-i=0&mix-p=0&mix-b=60&mix-r=40`);
  expect('mix: in words', (await page.locator('#scatter h2').innerText()).startsWith('60\u00a0% Building, 40\u00a0% Reviewing'));
  const state = await stateOf(page);
  const found = board.mixed(state, [0, 0, 60, 40]);
  const best = Math.max(...found.filter(({ isRanked }) => isRanked).map(({ score }) => score));
  expect('mix: the best score', (await page.locator('#answers .sc b').first().innerText()) === best.toFixed(0));
  await page.locator('[name="mix-b"]').press('End');
  expect('mix: a slider moves by keyboard', page.url().includes('mix-b=100'));
  expect('mix: no interval', await page.locator('#answers .iv').count() === 0);
};

const views = async (page) => {
  await page.goto(`${site}index.html`);
  for (const [key, seen, hidden] of [['scatter', '#scatter svg', '#table'], ['time', '#scatter svg', '#forest'], ['forest', '#forest svg', '#scatter']]) {
    await view(page, key);
    expect(`view ${key}`, await page.locator(seen).isVisible() && await page.locator(hidden).isHidden() && page.url().includes(`view=${key}`));
  }
  await page.goBack();
  expect('view: a step back', await page.locator('.views [value="time"]').isChecked());
  await page.click('.views a');
  await page.waitForURL(/benchmarks\.html/);
  expect('view: the heat map', await page.locator('.heat').isVisible());
};

// Which values count: the scores are SQL's, and all follows them.
const counting = async (page) => {
  await page.goto(`${site}index.html`);
  const state = await stateOf(page);
  const first = await answersOf(page);
  const cells = () => page.locator('#models td.p').evaluateAll((all) => all.map((cell) => cell.outerHTML));
  const printed = await cells();
  for (const kind of ['claimed', 'measured']) {
    await page.selectOption('#f-values', kind);
    const found = board.mixed(state, [0, 0, 1, 0], kind);
    const ranked = found.filter(({ isRanked }) => isRanked);
    expect(`values ${kind}: ranked`, await page.locator('#ranked tr[id]').count() === ranked.length);
    expect(`values ${kind}: best`, (await page.locator('#answers .sc b').first().innerText()) === Math.max(...ranked.map(({ score }) => score)).toFixed(0));
    expect(`values ${kind}: in the address`, page.url().includes(`values=${kind}`));
    const shownScores = await page.locator('#ranked td.b .s').allInnerTexts();
    expect(`values ${kind}: in the table`, shownScores.join() === ranked.map(({ score }) => score).sort((a, b) => b - a).map((score) => score.toFixed(0)).join());
    expect(`values ${kind}: no bar of what does not count`, await page.locator(kind === 'claimed' ? '#models .ev .s' : '#models .ev .s, #models .ev .c').count() === 0);
  }
  const address = page.url();
  const counted = await answersOf(page);
  await page.goto(address);
  expect('values: state comes back', (await answersOf(page)).join() === counted.join());
  await page.selectOption('#f-values', '');
  expect('values: all again', (await answersOf(page)).join() === first.join() && (await cells()).join() === printed.join());
};

// The five readers of the first screen: each question is answered from it.
const visiting = async (page) => {
  await page.goto(`${site}index.html`);
  await page.selectOption('#f-price', '2');
  await page.check('#f-open');
  const price = await page.locator('#answers .pr').first().innerText();
  expect(`visit: building under $2 with open weights, ${price}`, Number(price.slice(1)) <= 2);
  await page.goto(`${site}index.html`);
  await page.click('#answers .who a');
  expect('visit: every value names its source', await page.locator('.results tbody tr:not(.missing) a:has-text("↗")').count() > 10);
  const report = await page.locator('.results a:has-text("report a mistake")').first().getAttribute('href');
  expect(`visit: a mistake is reported at the repository, ${report}`, report.includes('/issues/new?') && report.includes('template=wrong-figure.yml'));
  await page.goto(`${site}index.html`);
  await page.click('.lead a:has-text("cite")');
  await page.waitForURL(/data\.html#cite/);
  const dated = page.locator('#boards ~ ul a').first();
  const [year] = (await dated.innerText()).split('-');
  // Without an address of the site there is none to cite.
  const cited = await page.locator('#cite ~ pre, #cite ~ * pre').first().innerText();
  expect(`visit: the citation has the year, ${cited}`, cited.includes(year) && !cited.includes('…'));
  await dated.click();
  expect('visit: the cited board stands', await page.locator('table.dated tbody tr').count() > 10);
};

// A chart is saved as a drawing of its own, which another page shows.
const saving = async (browser, page) => {
  for (const [address, name] of [['index.html', 'ipbr-scatter.svg'], ['timeline.html', 'ipbr-idea.svg']]) {
    await page.goto(`${site}${address}`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.chart .save').first().click()]);
    expect(`save: ${download.suggestedFilename()}`, download.suggestedFilename() === name);
    const text = require('fs').readFileSync(await download.path(), 'utf8');
    const alone = await browser.newPage();
    await alone.setContent(text.replace(/^<svg/, '<svg id="whole"'));
    const seen = await alone.evaluate(() => {
      const frame = document.getElementById('whole').getBoundingClientRect();
      const parts = [...document.querySelectorAll('#whole text, #whole circle')];
      return [parts.length, parts.filter((part) => { const box = part.getBoundingClientRect(); return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1; }).length, getComputedStyle(document.querySelector('#whole circle')).fill];
    });
    expect(`save: ${name} holds its parts ${seen}`, seen[0] > 10 && seen[1] === 0 && seen[2] !== 'rgb(0, 0, 0)' && !text.includes('var('));
    await alone.close();
  }
};

const choosing = async (page) => {
  await page.goto(`${site}index.html`);
  const boxes = page.locator('#ranked .pick input');
  await boxes.nth(0).check();
  await boxes.nth(2).check();
  const wanted = await page.locator('#ranked th bdi').evaluateAll((all) => [all[0].textContent, all[2].textContent]);
  await page.click('#compare-them');
  await page.waitForURL(/compare\.html/);
  expect('tray: leads to the comparison', await page.locator('h1').innerText() === `${wanted[0]} or ${wanted[1]}?`);
};

// A tap shows, and what it shows stays; it never leads away.
const touching = async (browser) => {
  const page = await watched(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.goto(`${site}index.html`);
  const top = await page.locator('#answers a').first().evaluate((link) => link.getBoundingClientRect().bottom);
  expect(`phone: the first model within the first screen, at ${top} px`, top < 844);
  await page.locator('#scatter circle.on').first().tap();
  await page.waitForTimeout(300);
  expect('phone: a tap on a dot shows its card', await page.locator('#card').isVisible() && page.url().includes('index.html'));
  const cell = page.locator('#ranked td.b').first();
  await cell.scrollIntoViewIfNeeded();
  await cell.tap();
  await page.waitForTimeout(300);
  expect('phone: the full value stays after a tap', await page.locator('#tip').isVisible());
  const scrollers = await page.evaluate(() => [...document.querySelectorAll('main *')].filter((node) => node.scrollWidth > node.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(node).overflowX)).length);
  expect(`phone: ${scrollers} scrollers inside the page`, scrollers === 0);
};

// Where things stand: in the page's column, below one another, and in front of what they mark.
const layout = async (browser) => {
  const page = await watched(browser, { viewport: { width: 1366, height: 768 } });
  const sides = (one, selector) => one.locator(selector).evaluateAll((all) => all.map((node) => { const { left, right } = node.getBoundingClientRect(); return [left, right]; }));
  await page.goto(`${site}benchmarks.html`);
  const [[left, right]] = await sides(page, '#content');
  const [[, end]] = await sides(page, '.heat');
  expect(`layout: the heat map ends at ${end}, the column at ${right}`, end <= right + 1);
  await page.locator('.heat tbody td[title]').first().hover();
  const [[begin]] = await sides(page, '#tip');
  expect(`layout: a tip begins at ${begin}, the column at ${left}`, begin >= left);
  // The hyphen of a date or a name in a table is no wider than in a sentence, though figures are.
  const [narrow, wide] = await page.evaluate(async () => {
    const font = new FontFace('Probe', `url(${document.querySelector('[as="font"]').href})`);
    document.fonts.add(await font.load());
    const width = (text, numeric) => {
      const span = document.createElement('span');
      Object.assign(span.style, { fontFamily: 'Probe', fontSize: '100px', fontVariantNumeric: numeric });
      span.textContent = text;
      document.body.append(span);
      return span.getBoundingClientRect().width;
    };
    return ['normal', 'tabular-nums'].map((numeric) => [width('-', numeric), width('1', numeric)]);
  });
  expect(`layout: a hyphen is ${wide[0]} wide in tables, else ${narrow[0]}; a one ${wide[1]}, ${narrow[1]}`, wide[0] === narrow[0] && wide[1] > narrow[1]);
  await page.goto(`${site}missing.html`);
  const [cut, askew] = await page.evaluate(() => {
    const box = (node) => node.getBoundingClientRect();
    const middle = (node) => (box(node).top + box(node).bottom) / 2;
    const svg = document.querySelector('.map thead svg');
    return [
      [...svg.querySelectorAll('text')].filter((text) => box(text).top < box(svg).top).length,
      [...document.querySelectorAll('.map tbody tr')].filter((row) => Math.abs(middle(row.querySelector('a')) - middle(row.querySelector('svg'))) > 1.5).length,
    ];
  });
  expect(`layout: ${cut} headings cut, ${askew} rows beside their squares`, cut === 0 && askew === 0);
  const source = await page.goto(`${site}sources.html`).then(() => page.locator('.sourcelist tr[id]').nth(5).getAttribute('id'));
  await page.goto(`${site}sources.html#${source}`);
  await page.reload();
  const [top, tinted] = await page.evaluate(() => {
    const row = document.querySelector(':target');
    const paper = getComputedStyle(document.body).backgroundColor;
    return [row.getBoundingClientRect().top - document.querySelector('.sourcelist thead').getBoundingClientRect().bottom, [...row.cells].every((cell) => ![paper, 'rgba(0, 0, 0, 0)'].includes(getComputedStyle(cell).backgroundColor))];
  });
  expect(`layout: the row of a source ${top} px below the head, tinted ${tinted}`, top >= 0 && tinted);

  const phone = await watched(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  for (const [address, selector] of [['index.html?need=mix', '.mix input'], ['compare.html', '#chosen select']]) {
    await phone.goto(site + address);
    const found = await sides(phone, selector);
    expect(`layout: ${selector} begin at ${found.map(([first]) => first)}`, found.length > 2 && found.every(([first]) => Math.abs(first - found[0][0]) < 0.5));
  }
  await phone.goto(`${site}benchmarks.html`);
  for (const place of [0, 3]) {
    await phone.locator('.heat tbody tr').nth(place).locator('td[title]').first().tap();
    await phone.waitForTimeout(300);
    expect('layout: a tap on a cell of the heat map shows its value', await phone.locator('#tip').isVisible());
  }
  const hints = await phone.locator('.scroll').evaluateAll((all) => all.map((node) => getComputedStyle(node).backgroundAttachment));
  expect(`layout: what scrolls shows it: ${hints}`, hints.length > 1 && hints.every((hint) => hint.includes('local') && hint.includes('scroll')));
  const rows = await phone.locator('.witnesses tbody tr').evaluateAll((all) => all.map((row) => [row.offsetHeight, row.cells[0].firstElementChild.getClientRects().length]));
  expect(`layout: rows taller than their words: ${rows.join('; ')}`, rows.every(([height, lines]) => height <= Math.max(50, 14 + 20 * lines)));
};

const theme = async (page) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${site}index.html`);
  const light = await paper();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await paper();
  expect('theme: follows the system', light !== dark);
  await page.click('#theme');
  expect('theme: light by a click', await paper() === light && await page.getAttribute('#theme', 'aria-pressed') === 'false');
  await page.goto(`${site}methodology.html`);
  expect('theme: kept on the next page', await paper() === light);
  await page.click('#theme');
  expect('theme: dark by a click', await paper() === dark && await page.getAttribute('#theme', 'aria-pressed') === 'true');
  await page.emulateMedia({ colorScheme: 'light' });
  expect('theme: the choice outdoes the system', await paper() === dark);
};

const keyboard = async (page) => {
  await page.goto(`${site}index.html`);
  await page.locator('.seg [value="b"]').focus();
  await page.keyboard.press('ArrowRight');
  expect('keyboard: another role', await page.locator('#board').getAttribute('data-need') === 'r');
  await page.goto(`${site}index.html`);
  await page.locator('#ranked th a').first().focus();
  await page.keyboard.press('ArrowRight');
  const told = () => page.locator('#tip:visible').innerText();
  expect('keyboard: the full value of a cell', /^\d+\.\d\b/.test(await told()));
  await page.keyboard.press('Escape');
  expect('keyboard: Escape hides it', await page.locator('#tip').isHidden());
  await page.keyboard.press('ArrowRight');
  expect('keyboard: on to the next cell', /^\d+\.\d\b/.test(await told()));
  await page.locator('#models th[data-sort="own"] button').focus();
  await page.keyboard.press('Enter');
  expect('keyboard: a column is sorted', await page.getAttribute('#models th[data-sort="own"]', 'aria-sort') === 'descending');
  const name = await page.locator('#ranked th bdi').first().innerText();
  await page.locator('#ranked th a').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/models\//);
  expect('keyboard: a row leads to its model', (await page.locator('h1').innerText()) === name);
};

const compare = async (page) => {
  await page.goto(`${site}compare.html`);
  const heads = () => page.locator('#roles thead th').count();
  expect('compare: two models', await heads() === 5);
  expect('compare: the pair is in the address', page.url().includes('?m='));
  await page.selectOption('#model-3', { index: 1 });
  expect('compare: three models', await heads() === 6);
  await page.selectOption('#model-4', { index: 2 });
  expect('compare: four models', await heads() === 7);
  const address = page.url();
  const before = await page.locator('#roles').innerText();
  await page.goBack();
  expect('compare: a step back', await heads() === 6);
  await page.goto(address);
  expect('compare: state comes back', await page.locator('#roles').innerText() === before);
  await page.locator('#contributions summary').click();
  expect('compare: contributions', await page.locator('#comparison .role').count() === 4);
};

// Milliseconds of the page's own thread for one move of a slider, layout included: the shortest of
// some. What else the machine does has no part in it.
const repaint = async (page) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spent = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
  const slider = page.locator('#weights details[open] input').first();
  const took = [];
  for (const value of [0, 0.2, 0.4, 0.6, 0.8, 0]) {
    const before = await spent();
    await slider.evaluate(async (input, moved) => {
      input.value = moved;
      input.dispatchEvent(new Event('input'));
      await new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });
    }, value);
    took.push(1000 * (await spent() - before));
  }
  await session.detach();
  return Math.min(...took);
};

const whatIf = async (page) => {
  await page.goto(`${site}what-if.html`);
  const took = await repaint(page);
  expect('what-if: the order changes', await page.locator('#tau-b').innerText() !== '1.000');
  const changed = page.url();
  expect('what-if: state in the address', changed.includes('='));
  const tau = await page.locator('#tau-b').innerText();
  await page.goto(changed);
  expect('what-if: state comes back', await page.locator('#tau-b').innerText() === tau);
  await page.click('#show-toml');
  expect('what-if: coefficients', (await page.locator('#toml').innerText()).includes('[final_score_weights.B_raw]'));
  await page.click('#reset');
  expect('what-if: back to the official order', await page.locator('#tau-b').innerText() === '1.000');
  await page.locator('#weights details[open] input').first().press('End');
  expect('what-if: a slider moves by keyboard', await page.locator('#tau-b').innerText() !== '1.000');
  await page.check('[name="sort-role"][value="r"]');
  const ranks = await page.locator('#what-if-rows td.r small:first-child').allInnerTexts();
  expect('what-if: sorted by another role', ranks.every((rank, place) => place === 0 || Number(ranks[place - 1]) <= Number(rank)));
  return took;
};

// The same page with a thousand models, each a little other than the one it was made from.
const whatIfLong = async (browser, ofBoard) => {
  const page = await watched(browser, WIDE);
  await page.addInitScript(() => document.addEventListener('readystatechange', () => {
    const area = document.getElementById('what-if');
    if (document.readyState !== 'interactive' || !area) return;
    const board = JSON.parse(area.dataset.board);
    const { models } = board;
    board.models = Array.from({ length: 1000 }, (_, place) => {
      const model = models[place % models.length];
      const moved = (value) => (value === null ? null : value * (1 - place / 3000));
      return { ...model, values: model.values.map(moved), scores: model.scores.map(moved) };
    });
    area.dataset.board = JSON.stringify(board);
  }));
  await page.goto(`${site}what-if.html`);
  expect('what-if, 1,000 models: in part', await page.locator('#part').innerText() === 'The first 100 of 1,000.');
  const inPart = await repaint(page);
  // Beside the board's own models on the same machine: no more than in proportion, and some.
  expect(`what-if, 1,000 models: repaints in ${inPart} ms, the board in ${ofBoard} ms`, inPart < 20 * ofBoard);
  await page.click('#show-all');
  expect('what-if, 1,000 models: all on demand', await page.locator('#what-if-rows tr').count() === 1000);
  const inFull = await repaint(page);
  expect(`what-if, 1,000 models in full: repaints in ${inFull} ms, the board in ${ofBoard} ms`, inFull < 20 * ofBoard);
};

const withoutScripts = async (browser, count) => {
  const page = await watched(browser, { ...WIDE, javaScriptEnabled: false });
  await page.goto(`${site}index.html`);
  expect('without scripts: every model', await page.locator('#models tr[id]:visible').count() === count);
  expect('without scripts: the answer', await page.locator('#answers a:visible').count() >= 1);
  expect('without scripts: the pictures', await page.locator('#scatter circle:visible').count() > 5 && await page.locator('#forest circle:visible').count() > 5);
  expect('without scripts: nothing that needs them', await page.locator('#ask:visible, #views:visible, #tray:visible, .pick input:visible').count() === 0);
  await page.goto(`${site}compare.html`);
  expect('without scripts: gaps', await page.locator('.gaps:visible').count() === 4);
};

run(async (browser) => {
  const page = await watched(browser, WIDE);
  await page.goto(`${site}index.html`);
  const count = await page.locator('#models tr[id]').count();
  await weight(browser);
  await redrawn(browser);
  await asking(page, count);
  await sorting(page);
  await mixing(page);
  await views(page);
  await counting(page);
  await visiting(page);
  await saving(browser, page);
  await choosing(page);
  await touching(browser);
  await layout(browser);
  await theme(page);
  await keyboard(page);
  await compare(page);
  await whatIfLong(browser, await whatIf(page));
  await withoutScripts(browser, count);
});
