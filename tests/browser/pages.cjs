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

const visit = async (page, plain, name) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(site + name);
  await page.evaluate(axe);
  for (const violation of await violations(page, EVERY)) expect(`${name}: axe: ${violation}`, false);
  await page.emulateMedia({ colorScheme: 'dark' });
  for (const violation of await violations(page, COLOURS)) expect(`${name}, dark: axe: ${violation}`, false);
  for (const width of [1440, 768, 360, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(`${name} at ${width}: scrolls sideways by ${wider} px`, wider <= 0);
  }
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
