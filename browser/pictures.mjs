// Writes docs/pages: the main pages in both modes, as a phone shows them. Run by script/pages --pictures.
import { mkdirSync, writeFileSync } from 'node:fs';
import { PEOPLE, browser, serve, signIn } from './town.mjs';

const MAIN = [
  ['start', '开始页', null, '/'],
  ['account', '我的个人账户', PEOPLE.liming, '/account'],
  ['bind', '授权给家人', PEOPLE.liming, '/bind'],
  ['family', '我的授权', PEOPLE.liming, '/family'],
  ['spending', '花费明细', PEOPLE.liming, '/spending'],
  ['why', '查为什么没成功', null, '/why'],
  ['code', '出示医保码', PEOPLE.liming, '/code'],
  ['family-codes', '亲情账户', PEOPLE.zhaoli, '/family-codes'],
  ['proxy', '代购药', PEOPLE.wangxiuying, '/proxy'],
  ['settings', '设置', PEOPLE.liming, '/settings'],
  ['drugs', '查药品', null, '/drugs?q=amoxiling&area=320300'],
  ['places', '附近的定点机构', null, '/places'],
  ['hall', '服务大厅', 'hall1', '/hall'],
  ['till', '收费台', 'till', '/till'],
];
const FOLDER = 'docs/pages';

const town = await serve(8630);
mkdirSync(FOLDER, { recursive: true });
for (const elder of [false, true]) {
  for (const [name, , login, path] of MAIN) {
    const { page, end } = await browser({ elder, base: town.base, width: ['hall', 'till'].includes(name) ? 1280 : 390 });
    if (login) await signIn(page, town.base, login);
    await page.goto(town.base + path);
    await page.screenshot({ path: `${FOLDER}/${name}${elder ? '-elder' : ''}.png`, fullPage: true });
    await end();
  }
}
town.end();
const row = ([name, title]) => `| ${title} | ![${title}](${name}.png) | ![${title}，关怀版](${name}-elder.png) |`;
writeFileSync(`${FOLDER}/README.md`, `# The main pages 主要页面

Pictures of the demo world, taken by \`script/pages --pictures\`.

| | 标准版 standard | 关怀版 elder mode |
| --- | --- | --- |
${MAIN.map(row).join('\n')}
`);
