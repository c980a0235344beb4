// The demo world, served for the tests, and browsers to use it with.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
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
  return { base, operator, end: () => Promise.all([child.kill('SIGINT'), closed()]) };
}

/** One browser for all tests of a file; each test has a context of its own. */
let shared = null;

async function closed() {
  const app = await shared;
  shared = null;
  return app?.close();
}

/** A window; `script: false` runs no scripts. */
export async function browser({ width = 390, height = 844, script = true, elder = false, base }) {
  shared ??= chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const app = await shared;
  const context = await app.newContext({ viewport: { width, height }, javaScriptEnabled: script, reducedMotion: 'reduce', locale: 'zh-CN' });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  if (elder) await page.goto(`${base}/view?mode=elder&back=/parts`);
  return { context, page, end: () => context.close() };
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

/** A call of the REST interface as the operator, which has to succeed. */
export async function rest(town, method, path, body) {
  const headers = { authorization: `Bearer ${town.operator}`, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const answer = await fetch(`${town.base}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Moves the sandbox's clock to this day and time, China Standard Time. */
export const clock = (town, day, time) => rest(town, 'POST', '/sandbox/clock', { now: `${day}T${time}:00+08:00` });

/** A message of the hospital interface as an institution's software sends it, signed: its answer. */
export async function message(town, place, infno, input) {
  const stamp = String(Date.now());
  const signed = `_api_access_key=${place}&_api_name=${infno}&_api_timestamp=${stamp}&_api_version=1.0`;
  const envelope = {
    infno, msgid: `${place}${stamp.slice(-14).padStart(14, '0')}${String(Math.floor(Math.random() * 10000)).padStart(4, '0')}`,
    mdtrtarea_admvs: place.slice(1, 7), infver: 'V1.0', opter_type: '1', opter: '1', opter_name: 'demo', fixmedins_code: place, input,
  };
  const answer = await fetch(`${town.base}/hospital/${infno}`, {
    method: 'POST', body: JSON.stringify(envelope),
    headers: {
      'content-type': 'application/json', _api_access_key: place, _api_name: infno, _api_timestamp: stamp, _api_version: '1.0',
      _api_signature: createHmac('sha1', `demo-${place}`).update(signed).digest('base64'),
    },
  });
  const said = await answer.json();
  if (said.infcode !== 0 && said.infcode !== '0') throw new Error(`${infno}: ${said.err_msg}`);
  return said.output;
}

/** A purchase of one drug of class 甲 at a pharmacy by somebody of the resident scheme: the number on its slip. */
export async function purchase(town, place, area, id, yuan, at) {
  const amount = yuan.toFixed(2);
  const card = { psn_no: `${area}${id.slice(6).replace('X', '0')}`, mdtrt_cert_type: '03', mdtrt_cert_no: `C${id}`, card_sn: id.slice(10) };
  const line = { feedetl_sn: '1', med_list_codg: CLASS_A, medins_list_codg: 'A1', cnt: '1', pric: amount, det_item_fee_sumamt: amount, fee_ocur_time: at, rx_circ_flag: '0' };
  const bill = { ...card, begntime: at, medfee_sumamt: amount, insutype: '390', acct_used_flag: '1', med_type: '41', invono: 'FP1' };
  const { setlinfo } = await message(town, place, '2102', { druginfo: bill, drugdetail: [line] });
  return JSON.parse(setlinfo.exp_content).GJ_NO;
}

/** A drug of class 甲, one of class 乙, and one that is not in the catalogue. */
export const [CLASS_A, CLASS_B, OUTSIDE] = ['ZA04CDX0534010103065', 'ZA01BAX0377010100093', 'XA12AXX127A001010104187'];

/** People of the demo by what stories call them. */
export const PEOPLE = {
  liming: '990000198503120115', lixiaoming: '990000201606010116', zhaoli: '990000198609150427', zhaojianguo: '99000019560220031X',
  wangxiuying: '990000195807040225', weixiulan: '990000195203110827', weiguoqiang: '990000197808250813', guoxiaoyu: '990000201207300925',
  liqiang: '990000199205170514', zhouguilan: '990000194312030629', sundehai: '990000194006100713', liming_elder: '990000196601080517',
  guozhiyuan: '99000019800419091X', shenyuzhen: '990000194909161023', hejun: '99000019900914153X', luofang: '990000198607211548',
  liangzhiyuan: '99000019830514161X', liangxiaoyu: '990000201309021628',
};
