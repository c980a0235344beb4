// The demo world, served for the tests, and browsers to use it with.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chromium } from 'playwright-core';

export const BINARY = process.env.GONGJI ?? 'target/release/gongji';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Serves the demo world on a port of loopback until `end` is called. */
export async function serve(port, ...options) {
  const child = spawn(BINARY, ['demo', '--no-stories', '--listen', `127.0.0.1:${port}`, ...options]);
  const base = `http://127.0.0.1:${port}`;
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { said += bytes; });
  const ended = once(child, 'exit').then(() => { throw new Error(`the demo ended: ${said}`); });
  ended.catch(() => {});
  const asked = async () => {
    for (;;) {
      const answer = await fetch(`${base}/parts`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((next) => setTimeout(next, 100));
    }
  };
  await Promise.race([asked(), ended]);
  const operator = said.match(/operator token: (\S+)/)?.[1];
  return { base, operator, end: () => child.kill('SIGINT') };
}

/** A browser; `script: false` runs no scripts. */
export async function browser({ width = 390, height = 844, script = true, elder = false, base }) {
  const app = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const context = await app.newContext({ viewport: { width, height }, javaScriptEnabled: script, reducedMotion: 'reduce', locale: 'zh-CN' });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  if (elder) await page.goto(`${base}/view?mode=elder&back=/parts`);
  return { app, context, page, end: () => app.close() };
}

/** The demo's password of a login. */
export const password = (login) => `demo-${login.length === 18 ? login.slice(12) : login}`;

/** Signs in. */
export async function signIn(page, base, login, back = '/') {
  await page.goto(`${base}/sign-in?back=${encodeURIComponent(back)}`);
  await page.fill('#name', login);
  await page.fill('#password', password(login));
  await page.click('form:has(#password) button');
}

/** People of the demo by what stories call them. */
export const PEOPLE = {
  liming: '990000198503120115', lixiaoming: '990000201606010116', zhaoli: '990000198609150427',
  wangxiuying: '990000195807040225', weixiulan: '990000195203110827', weiguoqiang: '990000197808250813',
};
