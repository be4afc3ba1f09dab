// Clicks through the pages that can be clicked. Prints a JSON list of what is wrong.
// Usage: node site.cjs CHROMIUM ADDRESS
'use strict';
const { expect, run, site, watched } = require('./watch.cjs');

const WIDE = { viewport: { width: 1280, height: 800 } };
const shown = (page) => page.locator('#models tbody tr:not([hidden])');
const clickHead = (page, id) => page.click(`th[data-sort="${id}"] button`);

// What the rows in view show in one column: numbers, null where nothing is known, or words.
const column = (page, id) => page.evaluate((wanted) => {
  const heads = [...document.querySelectorAll('#models thead th')];
  const place = heads.findIndex((head) => head.dataset.sort === wanted);
  const isText = 'text' in heads[place].dataset;
  return [...document.querySelectorAll('#models tbody tr:not([hidden])')].map(({ cells }) => {
    if (isText) return cells[place].firstElementChild.textContent;
    return cells[place].dataset.v === '' ? null : Number(cells[place].dataset.v);
  });
}, id);

// Whether what is known is in order and what is not known stands last.
const isSorted = (values, direction) => {
  const known = values.filter((value) => value !== null);
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const compare = (a, b) => (direction === 'ascending' ? 1 : -1) * (typeof a === 'string' ? collator.compare(a, b) : a - b);
  return values.slice(0, known.length).every((value) => value !== null)
    && known.every((value, place) => place === 0 || compare(known[place - 1], value) <= 0);
};

const weight = async (browser) => {
  const page = await watched(browser, WIDE);
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(`${site}index.html`, { waitUntil: 'networkidle' });
  expect(`index: ${requests.length} requests: ${requests}`, requests.length > 2 && requests.length <= 5);
};

const sorting = async (page) => {
  await page.goto(`${site}index.html`);
  const ids = await page.locator('#models thead th').evaluateAll((heads) => heads.map((head) => head.dataset.sort));
  expect(`index: ${ids.length} columns`, ids.length >= 12);
  for (const id of ids.filter((name) => name !== 'balanced')) {
    const orders = [];
    for (const _ of [1, 2]) {
      await clickHead(page, id);
      orders.push(await page.getAttribute(`th[data-sort="${id}"]`, 'aria-sort'));
      expect(`index: ${id} ${orders.at(-1)}`, isSorted(await column(page, id), orders.at(-1)));
    }
    expect(`index: ${id} both ways`, orders.toSorted().join() === 'ascending,descending');
  }
  const address = page.url();
  const order = await column(page, 'model');
  await page.goto(address);
  expect('index: the order comes back with the address', address.includes('sort=context') && (await column(page, 'model')).join() === order.join());
};

// What a reader sees of tiers: by row in view, the tier beside the rank and whether a rule stands above.
const tiers = (page, role) => page.evaluate((wanted) => [...document.querySelectorAll('#models tbody tr:not([hidden])')].map((row) => ({
  tier: Number(row.querySelector(`td.${wanted} i`).innerText.slice(1)),
  isSeen: row.querySelector(`td.${wanted} i`).getClientRects().length > 0,
  others: [...row.querySelectorAll('td i')].filter((mark) => mark.getClientRects().length > 0).length,
  hasRule: getComputedStyle(row.cells[0]).boxShadow !== 'none',
})), role);

const tiering = async (page) => {
  await page.goto(`${site}index.html`);
  const unsorted = await tiers(page, 'b');
  expect('index: no tier is seen in another order', unsorted.every(({ others, hasRule }) => others === 0 && !hasRule));
  for (const role of ['i', 'b']) {
    for (const direction of ['descending', 'ascending']) {
      await clickHead(page, role);
      const found = await tiers(page, role);
      expect(`index: tiers of ${role} alone are seen`, found.every(({ isSeen, others }) => isSeen && others === 1));
      // From the best down a tier begins with its leader; a row below may still be of an earlier one.
      const down = direction === 'descending' ? found : found.toReversed();
      const begun = down.map((_, place) => Math.max(...down.slice(0, place + 1).map(({ tier }) => tier)));
      const rules = down.map((row, place) => (direction === 'descending' ? row.hasRule : place > 0 && down[place - 1].hasRule));
      const wanted = begun.map((tier, place) => place > 0 && tier !== begun[place - 1]);
      expect(`index: a rule where a tier of ${role} begins, ${direction}: ${rules}`, rules.join() === wanted.join());
      expect(`index: more than one tier of ${role}`, wanted.filter(Boolean).length > 1);
    }
  }
  await clickHead(page, 'b');
  await clickHead(page, 'b');
  await page.fill('#f-q', 'gpt');
  const few = await tiers(page, 'b');
  expect('index: no rule above the first row in view', few.length > 1 && !few[0].hasRule);
  expect('index: rules among the rows in view', few.some(({ hasRule }) => hasRule));
};

const filtering = async (page, count) => {
  await page.goto(`${site}index.html`);
  const some = async (what) => {
    const found = await shown(page).count();
    expect(`index: ${what} leaves out some and keeps some`, found > 0 && found < count);
    expect(`index: ${what} is counted`, await page.locator('#count').innerText() === `${found} of ${count}`);
    return found;
  };
  await page.fill('#f-q', 'GPT mini');
  await some('a search of two words');
  expect('index: each word is found', (await column(page, 'model')).every((name) => /gpt/i.test(name) && /mini/i.test(name)));
  await page.fill('#f-q', '');
  await page.selectOption('#f-vendor', { label: 'OpenAI' });
  await some('a vendor');
  expect('index: that vendor alone', (await column(page, 'vendor')).every((name) => name === 'OpenAI'));
  await page.selectOption('#f-vendor', '');
  await page.check('#f-open');
  await some('open weights');
  const ceiling = await page.locator('#f-price option').nth(1).getAttribute('value');
  await page.uncheck('#f-open');
  await page.selectOption('#f-price', ceiling);
  await some('a price ceiling');
  expect('index: none is dearer', (await column(page, 'price')).every((price) => price !== null && price <= Number(ceiling)));
  await page.selectOption('#f-price', '');
  await page.selectOption('#f-coverage', await page.locator('#f-coverage option').last().getAttribute('value'));
  const covered = await some('a least coverage');
  await page.check('#f-open');
  const both = await some('two filters');
  expect('index: filters add up', both < covered);
  await page.goto(page.url());
  expect('index: filters come back with the address', await shown(page).count() === both && await page.isChecked('#f-open'));
  await page.fill('#f-q', 'no such model');
  expect('index: nothing matches', await page.locator('#nothing').isVisible());
  expect('index: state in the address', page.url().includes('q=no+such+model'));
  await page.click('#reset');
  expect('index: all again', await shown(page).count() === count && !page.url().includes('?'));
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

const keyboard = async (page, count) => {
  await page.goto(`${site}index.html`);
  await page.locator('#models tbody th a').nth(1).focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
  const cell = page.locator('#models tbody tr').nth(Math.min(2, count - 1)).locator('td.i');
  const full = await cell.getAttribute('data-v');
  const told = () => page.locator('#tip:visible').innerText();
  expect('index: arrow keys lead to a cell', await cell.evaluate((node) => node === document.activeElement));
  expect('index: the full value under the keyboard', (await told()).startsWith(`Idea ${full}, rank `));
  await page.keyboard.press('Escape');
  expect('index: Escape hides it', await page.locator('#tip').isHidden());
  await page.keyboard.press('ArrowRight');
  expect('index: on to the next cell', (await told()).startsWith('Planning '));
  await page.locator('#models tbody tr').first().locator('td.r').hover();
  expect('index: the full value under the pointer', (await told()).startsWith('Reviewing '));
  await page.locator('th[data-sort="b"] button').focus();
  await page.keyboard.press('Enter');
  expect('index: a column is sorted from the keyboard', await page.getAttribute('th[data-sort="b"]', 'aria-sort') === 'descending');
  const name = await shown(page).first().locator('th bdi').innerText();
  await shown(page).first().locator('th a').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/models\//);
  expect('index: a row leads to the page of its model', (await page.locator('h1').innerText()) === name);
};

// The same page with its rows six times over.
const longList = async (browser, count) => {
  const page = await watched(browser, WIDE);
  await page.route('**/index.html', async (route) => {
    const response = await route.fetch();
    const [head, rows, tail] = (await response.text()).split(/(?<=<tbody>)|(?=<\/tbody>)/);
    await route.fulfill({ response, body: head + rows.repeat(6) + tail });
  });
  await page.goto(`${site}index.html`);
  const laidOut = () => page.locator('#models tbody tr:visible').count();
  expect('long list: laid out in part', await laidOut() === 100 && await page.locator('#more').isVisible());
  expect('long list: counted in full', await page.locator('#count').innerText() === `${6 * count} of ${6 * count}`);
  await clickHead(page, 'rank');
  const ranks = await column(page, 'rank');
  expect('long list: the part is the first of what is sorted', Math.max(...ranks) <= Math.ceil(100 / 6) + 1);
  await page.click('#show-all');
  expect('long list: all on demand', await laidOut() === 6 * count && await page.locator('#more').isHidden());
};

const compare = async (page) => {
  await page.goto(`${site}compare.html`);
  const heads = () => page.locator('#comparison thead th').count();
  expect('compare: two models', await heads() === 4);
  await page.selectOption('#model-3', { index: 1 });
  expect('compare: three models', await heads() === 6);
  await page.selectOption('#model-4', { index: 2 });
  expect('compare: four models', await heads() === 8);
  const address = page.url();
  expect('compare: state in the address', address.includes('?m='));
  const before = await page.locator('#comparison').innerText();
  await page.goto(address);
  expect('compare: state comes back', await page.locator('#comparison').innerText() === before);
};

const tradeOffs = async (page) => {
  await page.goto(`${site}trade-offs.html`);
  for (const role of ['i', 'p', 'b', 'r']) {
    for (const axis of ['price', 'speed', 'context']) {
      await page.check(`#y-${role}`);
      await page.check(`#x-${axis}`);
      expect(`trade-offs: ${role} against ${axis}`, await page.locator('.plot:visible').count() === 1 && await page.locator(`.plot.y-${role}.x-${axis} svg`).isVisible());
    }
  }
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
  expect(`what-if: repaints in ${took} ms`, took < 50);
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
};

// The same page with a thousand models, each a little other than the one it was made from.
const whatIfLong = async (browser) => {
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
  expect(`what-if, 1,000 models: repaints in ${inPart} ms`, inPart < 300);
  await page.click('#show-all');
  expect('what-if, 1,000 models: all on demand', await page.locator('#what-if-rows tr').count() === 1000);
  const inFull = await repaint(page);
  expect(`what-if, 1,000 models in full: repaints in ${inFull} ms`, inFull < 300);
};

const withoutScripts = async (browser, count) => {
  const page = await watched(browser, { ...WIDE, javaScriptEnabled: false });
  await page.goto(`${site}index.html`);
  expect('without scripts: every model', await page.locator('#models tbody tr:visible').count() === count);
  const scores = await page.locator('#models tbody td:is(.i, .p, .b, .r)').evaluateAll((cells) => cells.map((cell) => [cell.dataset.v, cell.innerText]));
  expect('without scripts: four scores each', scores.length === 4 * count && scores.every(([full, text]) => text.includes(Number(full).toFixed(1))));
  expect('without scripts: four tiers each', await page.locator('#models td i:visible').count() === 4 * count);
  await page.goto(`${site}compare.html`);
  expect('without scripts: gaps', await page.locator('.gaps:visible').count() === 4);
  await tradeOffs(page);
};

run(async (browser) => {
  const page = await watched(browser, WIDE);
  await page.goto(`${site}index.html`);
  const count = await page.locator('#models tbody tr').count();
  await weight(browser);
  await sorting(page);
  await tiering(page);
  await filtering(page, count);
  await theme(page);
  await keyboard(page, count);
  await longList(browser, count);
  await compare(page);
  await tradeOffs(page);
  await whatIf(page);
  await whatIfLong(browser);
  await withoutScripts(browser, count);
});
