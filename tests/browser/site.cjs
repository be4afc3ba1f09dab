// Opens the pages of a site in Chromium and clicks. Prints a JSON list of what is wrong.
// Usage: node site.cjs CHROMIUM ADDRESS PAGE...
'use strict';
const { chromium } = require('playwright-core');

const [executablePath, site, ...pages] = process.argv.slice(2);
const problems = [];
const expect = (what, isTrue) => { if (!isTrue) problems.push(what); };

const watched = async (browser, options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) problems.push(`${page.url()}: ${message.text()}`); });
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error}`));
  // A request that the next page cut off has not failed.
  page.on('requestfailed', (request) => {
    if (request.failure().errorText !== 'net::ERR_ABORTED') problems.push(`${page.url()}: failed ${request.url()}`);
  });
  page.on('request', (request) => { if (!request.url().startsWith(site)) problems.push(`${page.url()}: off-site ${request.url()}`); });
  return page;
};

(async () => {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

  for (const width of [320, 1440]) {
    const page = await watched(browser, { viewport: { width, height: 800 }, colorScheme: width === 320 ? 'dark' : 'light' });
    for (const name of pages) {
      await page.goto(site + name);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(`${name} at ${width}: scrolls sideways by ${wider} px`, wider <= 0);
    }
  }

  const page = await watched(browser, { viewport: { width: 1280, height: 800 } });
  await page.goto(`${site}index.html`);
  const first = () => page.locator('#models tbody tr:not([hidden]) th').first().innerText();
  const count = await page.locator('#models tbody tr').count();
  const before = await first();
  await page.click('th[data-sort="balanced"] button');
  expect('index: a second click turns the order', count < 2 || await first() !== before);
  await page.fill('#f-q', 'no such model');
  expect('index: nothing matches', await page.locator('#nothing').isVisible());
  expect('index: state in the address', page.url().includes('q=no+such+model'));
  await page.click('#reset');
  await page.click('#theme');
  expect('index: theme', await page.evaluate(() => ['light', 'dark'].includes(document.documentElement.dataset.theme)));
  await page.locator('#models tbody tr:not([hidden]) th a').first().click();
  expect('index: a row leads to the page of its model', page.url().includes('/models/'));

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

  // The same page with its rows six times over.
  const long = await watched(browser, { viewport: { width: 1280, height: 800 } });
  await long.route('**/index.html', async (route) => {
    const response = await route.fetch();
    const [head, rows, tail] = (await response.text()).split(/(?<=<tbody>)|(?=<\/tbody>)/);
    await route.fulfill({ response, body: head + rows.repeat(6) + tail });
  });
  await long.goto(`${site}index.html`);
  const laidOut = () => long.locator('#models tbody tr:visible').count();
  expect('long list: laid out in part', await laidOut() === 100 && await long.locator('#more').isVisible());
  expect('long list: counted in full', await long.locator('#count').innerText() === `${6 * count} of ${6 * count}`);
  await long.click('th[data-sort="rank"] button');
  const ranks = await long.locator('#models tbody tr:visible').evaluateAll((rows) => rows.map((row) => Number(row.cells[0].dataset.v)));
  expect('long list: the part is the first of what is sorted', Math.max(...ranks) <= Math.ceil(100 / 6) + 1);
  await long.click('#show-all');
  expect('long list: all on demand', await laidOut() === 6 * count && await long.locator('#more').isHidden());

  await page.goto(`${site}compare.html`);
  expect('compare: two models', await page.locator('#comparison thead th').count() === 4);
  await page.selectOption('#model-3', { index: 1 });
  expect('compare: three models', await page.locator('#comparison thead th').count() === 6);
  const address = page.url();
  expect('compare: state in the address', address.includes('?m='));
  await page.goto(address);
  expect('compare: state comes back', await page.locator('#comparison thead th').count() === 6);

  await page.goto(`${site}trade-offs.html`);
  await page.check('#y-i');
  await page.check('#x-speed');
  expect('trade-offs: one drawing', await page.locator('.plot:visible').count() === 1 && await page.locator('.plot.y-i.x-speed').isVisible());

  await page.goto(`${site}what-if.html`);
  const slider = page.locator('#weights details[open] input').first();
  const took = await slider.evaluate((input) => {
    const start = performance.now();
    input.value = 0;
    input.dispatchEvent(new Event('input'));
    return performance.now() - start;
  });
  expect(`what-if: repaints in ${took} ms`, took < 300);
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

  const plain = await watched(browser, { javaScriptEnabled: false });
  await plain.goto(`${site}index.html`);
  expect('without scripts: every model', await plain.locator('#models tbody tr:visible').count() === count);
  await plain.goto(`${site}compare.html`);
  expect('without scripts: gaps', await plain.locator('.gaps:visible').count() === 4);

  await browser.close();
  console.log(JSON.stringify(problems));
})();
