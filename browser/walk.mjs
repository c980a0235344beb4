// Everybody at once: visitors who went through all flows, some of them stopped in the middle of one, and every page that
// links lead to from where they are.
import { readFileSync } from 'node:fs';
import { FLOWS, lawBook } from './flows.mjs';
import { CLASS_A, PEOPLE, purchase, rest } from './town.mjs';
import { visitor } from './visitor.mjs';

/** Of pages that differ by a number only, so many are found. */
const MOST_ALIKE = 3;

/** The table of pages as it is written in the service: `/hall/case/{slip}`. */
export const TABLE = [...readFileSync('crates/server/src/web/pages.rs', 'utf8').matchAll(/page!\(look "([^"]+)"/g)].map((it) => it[1]);

const SHAPES = TABLE.map((kind) => ({ kind, gaps: kind.split('{').length, shape: new RegExp(`^${kind.replaceAll(/\{\w+\}/g, '[^/]+')}$`) })).sort((one, other) => one.gaps - other.gaps);

/** What an address is an example of: the page of the table with the fewest gaps; of anything else, itself. */
export const kind = (address) => {
  const path = address.split('?')[0];
  return SHAPES.find(({ shape }) => shape.test(path))?.kind ?? path;
};

/** Goes through all flows, and keeps everybody where they are; `seen` is all that somebody had on the screen. */
export async function visitors(town) {
  await rest(town, 'POST', '/policies', { files: lawBook() });
  await rest(town, 'POST', '/webhooks', { url: 'http://127.0.0.1:1/', label: '短信网关' });
  const all = [];
  const way = { width: 1280, script: true };
  const visit = async (who) => {
    const it = await visitor(town, way, who);
    it.seen = new Set();
    it.page.on('framenavigated', (frame) => it.seen.add(frame.url().slice(town.base.length)));
    all.push(it);
    return it;
  };
  for (const [, flow] of FLOWS) await flow({ town, way, visit });
  await binding(await visit('zhouguilan'));
  await entrusting(await visit('wangxiuying'));
  await atTheHall(await visit('hall2'), town);
  await sendingDocuments(await visit('liangzhiyuan'));
  await atTheTill(await visit('till'));
  await scan(await visit('supervisor'), PEOPLE.liming);
  await visit('operator');
  return all;
}

/** Answers every question of a binding, up to the last page. */
async function binding(it) {
  await (await it.open('/bind')).press('让家人花我的个人账户（花我的）');
  await it.press('子女');
  await it.fill({ 家人的姓名: '李明', 家人的身份证号: PEOPLE.liming_elder });
  await it.press('下一步：检查条件');
  await it.press('下一步');
  await it.press('下一步（不填就是不限）');
  await it.fill({ '签名：请写您的姓名': '周桂兰' });
  await it.press('签名，下一步');
}

/** Entrusts a purchase, and answers every question of another. */
async function entrusting(it) {
  const answers = async () => {
    await (await it.open('/proxy/for')).press('本人');
    await it.page.fill('#name', '李明');
    await it.page.fill('#id_number', PEOPLE.liming);
    for (const name of ['下一步', '任意一家', '年老体弱', '下一步', '下一步']) await it.press(name);
  };
  await answers();
  await it.press('确认委托');
  await answers();
}

/** Finds somebody, or a slip, at the counter. */
async function scan(it, text) {
  await it.open('/hall');
  await it.fill({ '身份证号、社保卡号或小票号（可扫描）': text });
  await it.press('查找');
}

/** Records a document with a photograph, for the first binding of who is at the counter. */
async function showDocument(it, photograph) {
  await it.open('/hall/bindings');
  await it.page.locator('table a').first().click();
  await it.open(`${it.at}/documents`);
  await it.page.setInputFiles('#photographs', photograph);
  await it.press('登记');
}

/** Somebody wants to bind a child, up to the letter. */
async function child(it, giver, beneficiary) {
  await scan(it, giver);
  await scan(it, beneficiary);
  await it.follow('绑定');
  await it.fill({ 使用人是授权人的: '子女' });
  await it.tick('已核对亲属关系材料');
  await it.press('核对条件');
}

/** Records a document with a photograph, proposes an amendment, looks at a slip, submits a binding that is reviewed, and stops
 * before another one is made. */
async function atTheHall(it, town) {
  const photograph = { name: 'paper.png', mimeType: 'image/png', buffer: await it.page.screenshot() };
  await scan(it, await purchase(town, 'P14010000001', '140100', PEOPLE.guoxiaoyu, 700, '2025-06-16 10:00:00'));
  await scan(it, PEOPLE.liming);
  await showDocument(it, photograph);
  await it.open('/hall/amend');
  await it.page.fill('#right', '李铭');
  await it.page.fill('#why_amend', '登记时写错了一个字');
  await it.page.setInputFiles('#photographs', photograph);
  await it.press('提交审批');
  await it.open('/hall');
  await it.press('下一位');
  await child(it, PEOPLE.liangzhiyuan, PEOPLE.liangxiaoyu);
  await it.tick('承诺书已读给客户听，客户已在纸上签名');
  await it.press('确认绑定');
  await showDocument(it, photograph);
  await it.open('/hall');
  await it.press('下一位');
  await child(it, PEOPLE.zhouguilan, PEOPLE.liming_elder);
}

/** Sends a photograph for a binding that is reviewed. */
async function sendingDocuments(it) {
  await (await it.open('/family')).follow('梁小雨');
  await it.follow('上传材料');
  await it.page.setInputFiles('#photographs', { name: 'paper.png', mimeType: 'image/png', buffer: await it.page.screenshot() });
  await it.press('上传');
}

/** A bill that is begun. */
async function atTheTill(it) {
  await it.press('开一张新单');
  await it.press('下一步');
  await it.fill({ 卡号: `C${PEOPLE.wangxiuying}`, 卡识别码: PEOPLE.wangxiuying.slice(10) });
  await it.press('下一步');
  await it.fill({ 国家编码: CLASS_A, '单价（元）': '20' });
  await it.press('加一行');
}

/** One page as somebody: what came, and after how long. */
export async function ask(base, { path, cookie }) {
  const begun = performance.now();
  const answer = await fetch(base + path, { headers: { cookie }, redirect: 'manual' });
  const body = await answer.text();
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body, took: performance.now() - begun };
}

/** Every page that somebody reaches from where they are by links. */
export async function reached(town, it) {
  const cookie = (await it.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const [found, alike, seen] = [[], new Map(), new Set()];
  const next = ['/', ...it.seen, ...BEGINNINGS];
  while (next.length > 0) {
    const path = next.shift();
    if (seen.has(path) || !path.startsWith('/') || NO_PAGES.some((it) => path.startsWith(it))) continue;
    seen.add(path);
    const same = alike.get(kind(path)) ?? 0;
    if (same >= MOST_ALIKE) continue;
    const { status, type, body } = await ask(town.base, { path, cookie });
    if (status !== 200) continue;
    alike.set(kind(path), same + 1);
    const isPage = type.startsWith('text/html');
    found.push({ path, cookie, kind: kind(path), isPage });
    if (isPage) next.push(...[...body.matchAll(/href="(\/[^"#]*)"/g)].map((link) => link[1].replaceAll('&amp;', '&')));
  }
  return found;
}

/** Where a link changes something, or no page is. */
const NO_PAGES = ['/view', '/assets', '/api'];

/** Questions of flows, which no link leads to. */
const BEGINNINGS = ['bind/relation', 'bind/who', 'bind/check', 'bind/limits', 'bind/letter', 'bind/review', 'proxy/for', 'proxy/agent', 'proxy/place',
  'proxy/why', 'proxy/papers', 'proxy/until', 'proxy/review', 'family', 'spending', 'inbox', 'hall', 'hall/bindings', 'hall/bind', 'hall/amend', 'hall/amendments', 'hall/reviews',
  'hall/cases', 'hall/links', 'hall/proxies', 'hall/why', 'hall/statistics', 'till', 'outbox', 'drugs?q=amxl&area=320300', 'parts'].map((it) => `/${it}`);

