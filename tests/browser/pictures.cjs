// Draws the pictures of the README from a finished site: `make pictures`.
// Usage: node pictures.cjs CHROMIUM ADDRESS FOLDER
'use strict';
const { readFileSync } = require('node:fs');
const { chromium } = require('playwright-core');

const [executablePath, site, folder] = process.argv.slice(2);
// Name, page, width, height and theme.
const PICTURES = [
  ['leaderboard', 'index.html', 1440, 900, 'light'],
  ['model', 'models/openai-gpt-5-5.html', 1440, 900, 'dark'],
  ['compare', 'compare.html?m=anthropic-claude-opus-4-7,openai-gpt-5-4', 1440, 900, 'light'],
  ['benchmarks', 'benchmarks.html', 1440, 900, 'light'],
  ['timeline', 'timeline.html', 1440, 900, 'light'],
  ['phone', 'index.html', 390, 844, 'dark'],
];

(async () => {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  for (const [name, address, width, height, colorScheme] of PICTURES) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme, timezoneId: 'UTC' });
    // The font is optional, so that a page does not shift; a picture waits for it.
    await page.route('**/*.css', async (route) => {
      const body = readFileSync(new URL(route.request().url()), 'utf8').replace('font-display: optional', 'font-display: block');
      await route.fulfill({ body, contentType: 'text/css' });
    });
    await page.goto(site + address);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${folder}/${name}.png` });
    await page.close();
  }
  await browser.close();
})();
