// Measures pages of a site with Lighthouse, as on a slow phone: the median of five runs, since one
// run depends on what else the machine does. Exits with 1 if a score is below 98.
// Usage: node measure.mjs FOLDER PAGE...
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const LEAST = 98;
const RUNS = 5;
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.txt': 'text/plain',
};
const [folder, ...pages] = process.argv.slice(2);

// Packed and kept, as any host of static pages does.
const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, 'http://x').pathname);
  try {
    const body = gzipSync(await readFile(join(folder, path)));
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'content-encoding': 'gzip', 'cache-control': 'max-age=31536000' });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, '127.0.0.1');

const chrome = await launch({ chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu'] });
let isBelow = false;
for (const page of pages) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { lhr } = await lighthouse(`http://127.0.0.1:${server.address().port}/${page}`, { port: chrome.port, onlyCategories: CATEGORIES });
    runs.push(lhr);
  }
  // The run in the middle by performance, the one score that differs from run to run.
  const { categories, audits } = runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score)[(RUNS - 1) / 2];
  const scores = CATEGORIES.map((id) => Math.round(100 * categories[id].score));
  isBelow ||= scores.some((score) => score < LEAST);
  console.log(page, CATEGORIES.map((id, index) => `${id} ${scores[index]}`).join(', '));
  for (const { auditRefs } of Object.values(categories)) {
    for (const { id, weight } of auditRefs) if (weight && audits[id].score !== null && audits[id].score < 0.9) console.log(`  ${id}: ${audits[id].displayValue ?? audits[id].title}`);
  }
}
chrome.kill();
server.close();
process.exitCode = isBelow ? 1 : 0;
