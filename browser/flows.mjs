// What people come for, from the start page to the end, as somebody does it who reads what stands there. Each flow has
// people of its own in the town, so that all of them can be gone through in one town, in any order.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { CLASS_A, CLASS_B, OUTSIDE, PEOPLE, purchase, rest } from './town.mjs';

const TODAY = '2025-06-16 10:00:00';

/** The law as it is, and what no area says: that a release may be withdrawn before it takes effect. */
export function lawBook() {
  const files = {};
  for (const [folder, name, ending] of [['policies', 'policies', '.toml'], ['data/catalogue', 'catalogue', '.csv']]) {
    for (const it of readdirSync(folder, { recursive: true }).filter((it) => it.endsWith(ending))) files[`${name}/${it}`] = readFileSync(`${folder}/${it}`, 'utf8');
  }
  files['policies/test/320100-nanjing.toml'] = 'region = "320100"\nname = "南京市"\n[[release_withdrawal]]\nfrom = "2020-01-01"\nvalue = true\nsource = "测试"\ncertainty = "assumed"\n';
  return files;
}

/** Everything that the start page has, in large print too. */
async function allOfHome(it) {
  await it.open('/');
  if (await it.page.getByRole('link', { name: '其他事情' }).count()) await it.follow('其他事情');
  return it;
}

async function bind({ visit, way }) {
  const his = await visit('liming');
  await (await his.open('/')).follow('家庭共济：让家人花我的个人账户（花我的）');
  await his.sees('看病还是用患者自己的码', '这不是家庭共济');
  await his.press('让家人花我的个人账户（花我的）');
  await his.sees('花您的个人账户', '按您参保地的规定');
  await his.press('父母');
  await his.press('下一步：检查条件');
  await his.isTold(way, '请填写家人的姓名', '请填写家人的身份证号');
  await his.fill({ 家人的姓名: '王秀英', 家人的身份证号: PEOPLE.wangxiuying });
  await his.press('下一步：检查条件');
  await his.sees('检查结果', '✓ 符合', '关系在允许的范围内', '还没有签名');
  await his.press('下一步');
  await his.press('下一步（不填就是不限）');
  await his.sees('承诺书', '钱可以共济，卡不能共用');
  await his.fill({ '签名：请写您的姓名': '赵丽' });
  await his.press('签名，下一步');
  await his.isTold(way, '还没有签好');
  await his.fill({ '签名：请写您的姓名': '李明' });
  await his.press('签名，下一步');
  await his.sees('核对后提交', '王秀英', '9900**********0225', '父母', '不限', '修改');
  await his.press('确认授权');
  await his.sees('授权已生效', '编号', '本人的码');
  assert.ok(await his.page.locator('a[href$="receipt.pdf"]').count() > 0, 'the receipt is a paper to print or keep');
}

async function confirmOrDecline({ visit }) {
  const his = await visit('liming');
  const ask = async () => {
    await (await his.open('/bind')).press('让家人花我的个人账户（花我的）');
    await his.press('配偶');
    await his.fill({ 家人的姓名: '赵丽', 家人的身份证号: PEOPLE.zhaoli });
    await his.press('下一步：检查条件');
    await his.sees('提交后还要等');
    await his.press('下一步');
    await his.press('下一步（不填就是不限）');
    await his.fill({ '签名：请写您的姓名': '李明' });
    await his.press('签名，下一步');
    await his.press('确认授权');
    await his.sees('已提交，等对方确认', '钱一分也不会动');
  };
  await ask();
  const hers = await visit('zhaoli');
  await (await allOfHome(hers)).follow('消息');
  await hers.follow('有一份家庭共济授权等您确认');
  await hers.sees('在等您确认', '同意以后就生效');
  await hers.press('不同意');
  await hers.sees('没有成立');
  await ask();
  await (await allOfHome(hers)).follow('我的授权');
  await hers.follow('李* · 配偶');
  await hers.press('同意');
  await hers.sees('有效', '现在能用多少');
  await (await his.open('/family')).follow('赵* · 配偶');
  await his.sees('有效', '花您的个人账户');
}

async function unbind({ visit }) {
  const his = await visit('liqiang');
  await (await allOfHome(his)).follow('我的授权');
  await his.follow('李* · 父母');
  const release = async () => {
    await his.follow('解除授权');
    await his.sees('仍可使用到', '今天 24:00', '失效，也从这时起才能重新绑定', '2025年6月17日（星期二） 00:00', '还没了结的');
    await his.press('确认解除');
    await his.sees('已办理解除', '编号', '今天 24:00', '失效以前可以撤回');
  };
  await release();
  await his.press('不解除了，继续授权');
  await his.sees('有效', '解除授权');
  await his.misses('将要结束');
  await release();
  await his.follow('我的授权');
  await his.follow('李* · 父母');
  await his.sees('这份授权将要结束', '不解除了，继续授权');
}

async function spending({ town, visit }) {
  await purchase(town, 'P32030000001', '320300', PEOPLE.lixiaoming, 20, TODAY);
  const his = await visit('liming');
  await (await allOfHome(his)).follow('花费明细');
  await his.sees('家人花了您的个人账户', '花了您的 20.00 元', '李小明（子女）', '徐州演示药店');
  await his.fill({ 哪位家人: '李小明（子女）' });
  await his.press('查看');
  await his.follow('花了您的 20.00 元');
  await his.sees('统筹基金', '您的个人账户', '这张单合计', '为什么这样付');
  await his.follow('这不是我家人用的');
  await his.sees('授权还在，没有解除', '医保窗口会核对');
  await his.press('暂停授权，请窗口核对');
  await his.sees('您说这不是家人用的', '家人现在不能花您的钱');
  await his.press('恢复使用');
  await his.misses('家人现在不能花您的钱');
}

async function why({ town, visit }) {
  const slip = await purchase(town, 'P14010000001', '140100', PEOPLE.guoxiaoyu, 1200, TODAY);
  const nobody = await visit();
  await (await nobody.open('/')).follow('查为什么没成功');
  await nobody.fill({ 小票上的查询号: '7K2M' });
  await nobody.press('查原因');
  await nobody.sees('没有找到这一单');
  await nobody.fill({ 小票上的查询号: slip.toLowerCase().replaceAll('-', ' ') });
  await nobody.press('查原因');
  await nobody.sees('不说任何人的情况', '把这段给窗口看', slip, 'USABLE_ZERO');
  await nobody.misses('郭', '1200');
  await nobody.follow('登录看怎么办');
  await nobody.signIn(PEOPLE.guoxiaoyu);
  await nobody.sees('把这段给窗口看', 'USABLE_ZERO', '依据', '怎么付的', '500.00');
  await nobody.unfold('一步一步是怎么查的');
  await nobody.sees('R-E6');
  await (await nobody.open('/spending?side=beneficiary')).follow('500.00 元');
  await nobody.follow('查为什么没成功');
  await nobody.sees('USABLE_ZERO');
}

async function wouldItWork({ visit }) {
  const hers = await visit('weixiulan');
  await (await hers.open('/')).follow('查为什么没成功');
  await hers.follow('去之前先问');
  await hers.follow('我自己');
  await hers.fill({ 医院或药店的编号: 'HOSPITAL' });
  await hers.press('问一问');
  await hers.sees('没有找到这家医药机构');
  await hers.fill({ 医院或药店的编号: 'h45010000001' });
  await hers.press('问一问');
  await hers.sees('南宁演示二级医院', '没有扣钱', '的个人账户', 'GIVER_CODE_REQUIRED');
  await hers.follow('换一家再问');
  await hers.fill({ 医院或药店的编号: 'H32030000009' });
  await hers.press('问一问');
  await hers.sees('PLACE_NOT_DESIGNATED', '家人的钱现在都不能花');
  await hers.misses('最多能花这么多');
}

async function drugs({ visit }) {
  const nobody = await visit();
  await (await allOfHome(nobody)).follow('查药品能不能报');
  await nobody.fill({ 参保地: '徐州市' });
  for (const typed of ['阿莫西林', 'amxl', 'amoxilin', 'amoxiling', '阿莫西灵']) {
    await nobody.fill({ 药名: typed });
    await nobody.press('查');
    await nobody.sees('阿莫西林', '甲类·全额纳入报销范围', '100.00 元的药');
  }
  await nobody.follow('阿莫西林');
  await nobody.sees('分类', '剂型', '目录', '集中采购');
  await nobody.follow('返回查到的药');
  await nobody.fill({ 药名: '芬必得' });
  await nobody.press('查');
  await nobody.sees('≠', '永远不会在目录里', '滋补');
}

/** The digits under a code. */
export async function digits(it) {
  return (await it.page.locator('.code .number').innerText()).replace(/\s/g, '');
}

async function code({ visit, way }) {
  const hers = await visit('zhaoli');
  await (await hers.open('/')).follow('出示医保码');
  await hers.sees('出示谁的医保码？', '本人 · 赵丽');
  await hers.follow('配偶的母亲');
  await hers.sees('配偶的母亲的医保码 · 花配偶的母亲自己的医保', '钱可以共济，卡不能共用', '不要截图');
  const side = await hers.page.getByRole('img', { name: '二维码' }).evaluate((it) => it.getBoundingClientRect().width);
  assert.ok(side >= (way.elder ? 280 : 240), `the code is ${side} px wide`);
  const first = await digits(hers);
  assert.match(first, /^\d{28}$/);
  await hers.follow('刷新');
  assert.notEqual(await digits(hers), first);
  await hers.misses(' 元');
  if (way.script) await hers.sees('秒自动刷新');
  else assert.match(await hers.page.content(), /http-equiv="refresh"/, 'without scripts the page is opened anew by itself');
  await hers.follow('换一个人的码');
  await hers.follow('本人 · 赵丽');
  await hers.sees('您的医保码 · 花您自己的医保');
}

async function familyCodes({ visit, way }) {
  const his = await visit('liming');
  await (await his.open('/')).follow('亲情账户：帮家人出示医保码（花家人自己的）');
  await his.sees('和家庭共济不一样', '不动您的钱');
  await his.follow('添加家人的医保码');
  await his.press('添加');
  await his.isTold(way, '没有扣钱，什么也没有改变');
  await his.fill({ 家人是您的什么人: '配偶的父母', 家人的姓名: '赵建国', 家人的身份证号: PEOPLE.zhaojianguo });
  await his.press('添加');
  await his.sees('我能出示谁的码', '赵*国 · 配偶的父母');
  await his.press('取消');
  await his.misses('赵*国');
}

async function inboxAndSettings({ town, visit }) {
  await purchase(town, 'P45010000001', '450100', PEOPLE.weixiulan, 12, TODAY).catch(() => {});
  await purchase(town, 'P33010000001', '330100', PEOPLE.shenyuzhen, 15, TODAY);
  const his = await visit('990000197502221016');
  await (await allOfHome(his)).follow('消息');
  await his.sees('1 条没看过', '家人花了您的 15.00 元', '杭州演示药店');
  await his.press('都看过了');
  await his.sees('都看过了。');
  await (await allOfHome(his)).follow('设置');
  await his.follow('谁看过我的信息');
  await his.sees('没有人看过');
  await (await his.open('/settings')).follow('English');
  await his.sees('Who looked at my data');
  await his.follow('中文');
  await his.follow('密码和登录');
  await his.fill({ 现在的密码: 'wrong', 新密码: '一句好记的话八字', 再填一次新密码: '一句好记的话八字' });
  await his.press('设好密码');
  await his.sees('密码没有改变', '现在的密码不对');
  await his.press('退出登录');
  await his.open('/inbox');
  await his.sees('身份证号');
}

async function signInAndActivate({ town, visit, way }) {
  const nobody = await visit();
  await nobody.open('/account');
  await nobody.signIn(PEOPLE.sundehai, 'demo-wrong');
  await nobody.isTold(way, '没有登录成功', '证件号或密码不对');
  const { code } = await rest(town, 'POST', '/logins/activations', { person: { id_number: PEOPLE.sundehai } });
  await nobody.follow('用开通码设密码');
  const filled = { 身份证号: PEOPLE.sundehai, 开通码: code.toLowerCase(), 新密码: '一句好记的话八字', 再填一次新密码: '另外一句好记的话' };
  await nobody.fill(filled);
  await nobody.press('设好密码');
  await nobody.sees('密码没有改变');
  await nobody.fill({ ...filled, 再填一次新密码: filled.新密码 });
  await nobody.press('设好密码');
  await nobody.open('/account');
  await nobody.sees('1800.00 元', '200.00 元');
}

async function hall({ visit }) {
  const clerk = await visit('hall1');
  const find = async (scan) => { await clerk.fill({ '身份证号、社保卡号或小票号（可扫描）': scan }); await clerk.press('查找'); };
  await find('990000195807040229');
  await clerk.sees('没有查到这个人');
  await find(PEOPLE.zhaojianguo);
  await clerk.sees('窗口前的参保人', '赵建国', '5000.00 元', '在保');
  await find(PEOPLE.zhaoli);
  await clerk.sees('家人', '赵丽');
  await clerk.follow('绑定');
  await clerk.fill({ 使用人是授权人的: '子女' });
  await clerk.tick('已核对亲属关系材料');
  await clerk.press('核对条件');
  await clerk.sees('可以绑定，还没有办理', '家庭共济承诺书');
  await clerk.tick('承诺书已读给客户听，客户已在纸上签名');
  await clerk.press('确认绑定');
  await clerk.sees('赵建国', '赵丽', '有效', '办理时间');
  await clerk.follow('返回');
  await clerk.follow('查为什么');
  await clerk.fill({ 定点机构编码: 'H32030000001' });
  await clerk.press('查');
  await clerk.sees('徐州演示三级医院');
  await clerk.follow('返回');
  await clerk.press('下一位');
  await clerk.sees('找参保人');
  await clerk.misses('赵建国', '赵丽');
}

async function till({ visit }) {
  const cashier = await visit('till');
  await cashier.press('开一张新单');
  await cashier.press('下一步');
  await cashier.sees('请扫医保码，或填卡号和卡识别码，或填身份证号');
  await cashier.fill({ 卡号: `C${PEOPLE.lixiaoming}`, 卡识别码: PEOPLE.lixiaoming.slice(10) });
  await cashier.press('下一步');
  await cashier.sees('李*明', '居民医保');
  const add = async (item, price) => { await cashier.fill({ 国家编码: item, '单价（元）': price }); await cashier.press('加一行'); };
  await add(CLASS_A, '20');
  await add('NO-SUCH-CODE', '5');
  await cashier.press('算一算谁付多少');
  await cashier.sees('编码在服务日的目录中未对照', '没有扣钱');
  await cashier.press('删');
  await cashier.press('删');
  for (const [item, price] of [[CLASS_A, '20'], [CLASS_B, '30'], [OUTSIDE, '15']]) await add(item, price);
  await cashier.press('算一算谁付多少');
  assert.ok(await cashier.page.locator('.scroll').evaluate((it) => it.scrollWidth <= it.clientWidth), 'no amount is cut off');
  await cashier.sees('统筹基金 8.50 元', '家人账户 41.50 元', '现金 15.00 元', '合计 65.00 元');
  await cashier.press('结算，收现金');
  await cashier.sees('已结算', '收现金 15.00 元', '查询号');
  await cashier.reload();
  await cashier.sees('已结算');
  await cashier.unfold('退费');
  await cashier.press('确认退费');
  await cashier.sees('已退费', '退现金 15.00 元', '其余已退回原账户');
  await cashier.follow('返回今天的单');
  await cashier.follow('日结与对账');
  await cashier.sees('当天退费笔数 1', '平');
  await cashier.misses('不平');
}

async function proxy({ visit }) {
  const hers = await visit('wangxiuying');
  await (await allOfHome(hers)).follow('代购药');
  await hers.follow('请人代购药');
  await hers.press('本人');
  await hers.fill({ 代办人的姓名: '李明', 代办人的身份证号: PEOPLE.liming });
  await hers.press('下一步');
  await hers.press('任意一家');
  await hers.press('年老体弱');
  await hers.sees('双方身份证件', '第十七条');
  await hers.press('下一步');
  await hers.press('下一步');
  await hers.sees('李明', '任意一家', '年老体弱');
  await hers.press('确认委托');
  await hers.sees('李*代王秀英买药', '用患者本人的码或卡', '只能用一次');
  const his = await visit('liming');
  await (await allOfHome(his)).follow('代购药');
  await his.follow('王*英');
  await his.sees('双方身份证件');
  const shown = await digits(his);
  const cashier = await visit('till');
  await cashier.press('开一张新单');
  await cashier.fill({ 卡号: `C${PEOPLE.wangxiuying}`, 卡识别码: PEOPLE.wangxiuying.slice(10) });
  await cashier.press('下一步');
  await cashier.sees('王*英');
  await cashier.fill({ 国家编码: CLASS_A, '单价（元）': '18' });
  await cashier.press('加一行');
  if (await cashier.page.locator('summary').filter({ hasText: '代购' }).count()) await cashier.unfold('代购');
  await cashier.fill({ 扫代购号: shown });
  await cashier.press('核对代购委托');
  await cashier.sees('代办人 李*', '第十七条');
  await cashier.fill({ 已看患者证件: '居民身份证', 已看代办人证件: '居民身份证' });
  await cashier.press('登记证件');
  await cashier.press('算一算谁付多少');
  await cashier.press('结算，收现金');
  await cashier.sees('已结算', '由李*代购');
  await (await hers.open('/proxy')).unfold('用过、撤销、过期的');
  await hers.sees('已买');
}

/** Every flow, and what it is called. */
export const FLOWS = [
  ['a parent is authorised', bind], ['a spouse declines, then agrees', confirmOrDecline], ['a release says both dates and is withdrawn', unbind],
  ['what was spent, and none of it was my relative', spending], ['why, by slip and as oneself', why], ['would it work', wouldItWork],
  ['drugs in every spelling', drugs], ['whose code', code], ['a family code is added and undone', familyCodes],
  ['messages and settings', inboxAndSettings], ['signing in and activating', signInAndActivate], ['at the hall', hall], ['at the till', till],
  ['medicine is bought for somebody else', proxy],
];
