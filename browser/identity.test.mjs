// Signing in with a real OpenID Connect provider, certified by the OpenID Foundation, run here beside the demo.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Provider } from 'oidc-provider';
import { PEOPLE, browser, serve } from './town.mjs';

const ISSUER = 'http://127.0.0.1:8621';
const OURS = 'http://127.0.0.1:8620';
let provider, town;

before(async () => {
  const oidc = new Provider(ISSUER, {
    clients: [{ client_id: 'gongji', client_secret: 'a secret of the test', redirect_uris: [`${OURS}/sign-in/identity/back`] }],
    claims: { openid: ['sub'], identity: ['id_number'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, id_number: id }) }),
    pkce: { required: () => true },
    cookies: { keys: ['a key of the test'] },
  });
  provider = oidc.listen(8621, '127.0.0.1');
  const file = join(mkdtempSync(join(tmpdir(), 'gongji-identity-')), 'identity.toml');
  writeFileSync(file, `issuer = "${ISSUER}"\nclient_id = "gongji"\nclient_secret = "a secret of the test"\nour_address = "${OURS}"\nscopes = ["identity"]\n`);
  town = await serve(8620, '--identity-service', file);
});
after(() => { town.end(); provider.close(); provider.closeAllConnections(); });

async function signInAs(page, id) {
  await page.goto(`${OURS}/sign-in?back=/account`);
  await page.click('text=用医保身份认证登录');
  await page.fill('input[name=login]', id);
  await page.fill('input[name=password]', 'any');
  await page.click('button[type=submit]');
  await page.click('button[type=submit]');
}

test('a citizen comes back signed in, to where they were going', async () => {
  const { page, end } = await browser({ base: OURS });
  try {
    await signInAs(page, PEOPLE.liming);
    assert.equal(new URL(page.url()).pathname, '/account');
    assert.match(await page.locator('main').innerText(), /1200\.00 元/);
  } finally { await end(); }
});

test('somebody whom the service knows and we do not is told so', async () => {
  const { page, end } = await browser({ base: OURS });
  try {
    await signInAs(page, '990000199001011237');
    assert.match(await page.locator('main').innerText(), /没有您的参保信息/);
    await page.goto(`${OURS}/account`);
    assert.match(page.url(), /sign-in/);
  } finally { await end(); }
});

test('an answer that no browser of ours was sent for counts for nothing', async () => {
  const { page, end } = await browser({ base: OURS });
  try {
    await page.goto(`${OURS}/sign-in/identity/back?code=stolen&state=stolen`);
    assert.match(await page.locator('main').innerText(), /身份认证没有完成/);
    await page.goto(`${OURS}/account`);
    assert.match(page.url(), /sign-in/);
  } finally { await end(); }
});
