// Opens every page as readers may: wide and narrow, light and dark, without scripts; and asks axe.
// Usage: node pages.cjs CHROMIUM ADDRESS PAGE...
'use strict';
const { source: axe } = require('axe-core');
const { expect, names, run, site, watched } = require('./watch.cjs');

// What axe objects to, a line each. The debugger evaluates it, which the pages' policy does not bind.
const violations = (page, options) => page.evaluate(async (given) => {
  const { violations: found, passes } = await window.axe.run(document, { resultTypes: ['violations'], preload: false, ...given });
  const objections = found.map(({ id, nodes }) => `${id} at ${nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(', ')} (${nodes.length})`);
  return passes.length ? objections : ['looked at nothing'];
}, options);
// The size of what is touched is a rule of WCAG 2.2, which axe leaves out unless asked.
const EVERY = { rules: { 'target-size': { enabled: true } } };
// Of axe's rules only these depend on the theme.
const COLOURS = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } };

// Rows and scores that cannot be seen. What only works with scripts is left out, and so are the
// reasons for needs that the reader has not chosen; site.cjs chooses them.
const unseen = () => [...document.querySelectorAll('main tr, main td[data-v], main .leader li b, main dl.facts dd')]
  .filter((node) => !node.closest('.scripted, .reason') && node.getClientRects().length === 0)
  .map((node) => node.textContent.trim().slice(0, 60));

// Pages of each kind that are also looked at in print, in forced colours and by keyboard alone.
const MODES = /^(index|compare|benchmarks|timeline|data)\.html$|^models\/openai-gpt-5-5\.html$/;
// Shapes with a meaning that are drawn in nothing but the colour of the page.
const invisible = () => {
  const paper = getComputedStyle(document.body).backgroundColor;
  const isSeen = (node) => node.getClientRects().length > 0 && !node.closest('.unseen, [hidden]');
  const shapes = [...document.querySelectorAll('main svg :is(.m, .c, .n, circle, .whisker, .frontier)')].filter(isSeen);
  const lost = shapes.filter((node) => {
    const { fill, stroke, strokeWidth } = getComputedStyle(node);
    const isLine = node.localName === 'line' || node.localName === 'path';
    return (isLine || fill === paper || fill === 'none') && (stroke === paper || stroke === 'none' || parseFloat(strokeWidth) === 0);
  });
  // Kinds that are told apart by their fill, and names that have an edge of paper.
  const fills = (kind) => [...document.querySelectorAll(`main .chart circle.${kind}`)].map((node) => getComputedStyle(node).fill);
  const names = [...document.querySelectorAll('main .chart .name')].map((node) => getComputedStyle(node)).filter(({ fill, stroke }) => fill === stroke);
  if (fills('open').some((fill) => fills('on').includes(fill)) || names.length) return [shapes.length, names.length + 1, 'dots or names alike'];
  return [shapes.length, lost.length, lost[0] ? lost[0].outerHTML.slice(0, 80) : ''];
};
const modes = async (page, name) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ forcedColors: 'active', colorScheme });
    const [shapes, lost, first] = await page.evaluate(invisible);
    expect(`${name} in forced colours, ${colorScheme}: ${lost} of ${shapes} shapes not seen, first ${first}`, lost === 0);
  }
  await page.emulateMedia({ forcedColors: 'none', colorScheme: 'light', media: 'print' });
  await page.setViewportSize({ width: 1000, height: 1400 });
  const [cut, tools, rows] = await page.evaluate(() => [
    [...document.querySelectorAll('main *')].filter((node) => ['auto', 'scroll', 'hidden'].includes(getComputedStyle(node).overflowY) && node.scrollHeight > node.clientHeight + 8 && node.clientHeight > 40).length,
    [...document.querySelectorAll('.masthead, .ask, .views, .save, .tray')].filter((node) => node.getClientRects().length).length,
    document.querySelectorAll('main tr').length,
  ]);
  expect(`${name} in print: ${cut} parts cut, ${tools} tools of ${rows} rows`, cut === 0 && tools === 0);
  await page.emulateMedia({ media: 'screen' });
  await page.setViewportSize({ width: 1440, height: 900 });
  // From the top by Tab alone: each stop is seen, and says by an outline that it is one.
  await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  const stops = [];
  for (let press = 0; press < 25; press += 1) {
    await page.keyboard.press('Tab');
    stops.push(await page.evaluate(() => {
      const node = document.activeElement;
      const box = node.getBoundingClientRect();
      const label = node.closest('label') || node;
      const hasRing = [node, label].some((one) => getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one).boxShadow !== 'none');
      return [node === document.body || (box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight), node === document.body || hasRing, node.outerHTML.slice(0, 60)];
    }));
  }
  for (const [isSeen, hasRing, what] of stops) expect(`${name} by keyboard: ${what} seen ${isSeen}, ring ${hasRing}`, isSeen && hasRing);
};

const visit = async (page, plain, name) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(site + name);
  await page.evaluate(axe);
  for (const violation of await violations(page, EVERY)) expect(`${name}: axe: ${violation}`, false);
  await page.emulateMedia({ colorScheme: 'dark' });
  for (const violation of await violations(page, COLOURS)) expect(`${name}, dark: axe: ${violation}`, false);
  // 720 is 1440 at 200 %. Of the many pages of one kind all are looked at where they are narrowest.
  const isOneOfMany = /^(models|metrics|boards)\//.test(name) && !MODES.test(name);
  for (const width of isOneOfMany ? [1440, 320] : [1440, 1024, 768, 720, 390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(`${name} at ${width}: scrolls sideways by ${wider} px`, wider <= 0);
  }
  if (MODES.test(name)) await modes(page, name);
  await plain.goto(site + name);
  const hidden = await plain.evaluate(unseen);
  expect(`${name} without scripts: ${hidden.length} not seen, first ${hidden[0]}`, hidden.length === 0);
};

run(async (browser) => {
  const waiting = [...names];
  // Two at a time: a page at work leaves a second core idle.
  await Promise.all([0, 1].map(async () => {
    const page = await watched(browser);
    const plain = await watched(browser, { javaScriptEnabled: false });
    for (let name = waiting.shift(); name; name = waiting.shift()) await visit(page, plain, name);
  }));
});
