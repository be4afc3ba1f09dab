// Chromium, and pages of it that tell what goes wrong. Problems are collected in one list.
'use strict';
const { chromium } = require('playwright-core');

const [executablePath, site, ...names] = process.argv.slice(2);
const problems = [];
// On a busy machine a page takes longer to draw its first text than Chromium grants a preloaded font.
const IS_LATE = /was preloaded using link preload but not used within a few seconds/;
const expect = (what, isTrue) => { if (!isTrue) problems.push(what); };

// A page that reports each error, warning, failed request and request to elsewhere.
const watched = async (browser, options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !IS_LATE.test(message.text())) problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error}`));
  // A request that the next page cut off has not failed.
  page.on('requestfailed', (request) => {
    if (request.failure().errorText !== 'net::ERR_ABORTED') problems.push(`${page.url()}: failed ${request.url()}`);
  });
  page.on('response', (response) => { if (response.status() >= 400) problems.push(`${page.url()}: ${response.status()} ${response.url()}`); });
  page.on('request', (request) => { if (!request.url().startsWith(site)) problems.push(`${page.url()}: off-site ${request.url()}`); });
  return page;
};

// Runs what a script has to check, then prints the problems as JSON.
const run = async (check) => {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    await check(browser);
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(problems));
};

module.exports = { expect, names, problems, run, site, watched };
