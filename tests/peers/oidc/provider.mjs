// An OpenID Connect provider for tests and demonstrations, over npm `oidc-provider`.
//
//   node tests/peers/oidc/provider.mjs REDIRECT_URI…      PORT=9000 for a certain port
//
// Prints `listening http://127.0.0.1:PORT`, which is also the issuer unless ISSUER says what stands before it. Without `login_hint` it asks who logs in; with one,
// nobody is asked: `anna` logs Anna in, `anna~wrong-nonce` does so with a token that is wrong in this way (TAMPERED).
// A line of JSON on standard input, `{slow, flood, redirect, keyless, describe, acr}`, changes how it answers from then on; `{mint: {header, payload}}`
// is answered with a token of these parts.

import { createHmac, generateKeyPairSync, sign, constants } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import Provider from 'oidc-provider';

const PEOPLE = {
  anna: { acr: 'substantial', given_name: 'Anna', family_name: 'Musterfrau', birthdate: '1980-02-29', email: 'anna@example.org', email_verified: true, groups: ['buergerdienste'] },
  ben: { acr: 'high', given_name: 'Ben', family_name: 'Beispiel', email: 'ben@example.org', email_verified: true, groups: [] },
  // says the address of somebody else
  mallory: { acr: 'low', given_name: 'Mallory', family_name: 'Muster', email: 'anna@example.org', email_verified: false, groups: [] },
};
const CLIENTS = { portal: 'RS256', 'portal-ps': 'PS256', 'portal-es': 'ES256', 'portal-post': 'RS256' };
const SECRET = 'a secret of the provider and the portal';

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const one = rsa();
const keys = { RS256: one, PS256: one, ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey };

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'));

/** A token of these parts, signed as its header says. */
function token(header, payload, key = keys[header.alg]) {
  const text = `${encoded(header)}.${encoded(payload)}`;
  const by = {
    none: () => '',
    HS256: () => createHmac('sha256', SECRET).update(text).digest(),
    RS256: () => sign('sha256', text, key),
    PS256: () => sign('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
    ES256: () => sign('sha256', text, { key, dsaEncoding: 'ieee-p1363' }),
  }[header.alg];
  return `${text}.${Buffer.from(by()).toString('base64url')}`;
}

/** Ways in which a token can be wrong: what becomes of header and payload, or of the whole. */
const said = (claims) => (header, payload) => token(header, { ...payload, ...claims(payload) });
const TAMPERED = {
  'same': said(() => ({})),
  'bad-signature': (header, payload, whole) => whole.replace(/\.[^.]{8}([^.]*)$/, '.AAAAAAAA$1'),
  'other-claims': (header, payload, whole) => whole.replace(/\..*\./, `.${encoded({ ...payload, sub: 'ben' })}.`),
  'strange-key': (header, payload) => token(header, payload, rsa()),
  'unknown-key': (header, payload) => token({ ...header, kid: 'nobody knows it' }, payload, rsa()),
  'alg-none': (header, payload) => token({ ...header, alg: 'none' }, payload),
  'alg-hs256': (header, payload) => token({ ...header, alg: 'HS256' }, payload),
  'alg-rs512': (header, payload) => `${encoded({ ...header, alg: 'RS512' })}.${encoded(payload)}.`
    + sign('sha512', `${encoded({ ...header, alg: 'RS512' })}.${encoded(payload)}`, keys.RS256).toString('base64url'),
  'no-signature': (header, payload, whole) => whole.replace(/[^.]*$/, ''),
  'access-token': (header, payload) => token({ ...header, typ: 'at+jwt' }, payload),
  'critical-header': (header, payload) => token({ ...header, crit: ['exp'] }, payload),
  'other-issuer': said(() => ({ iss: 'https://login.example' })),
  'other-audience': said(() => ({ aud: 'somebody-else' })),
  'more-audiences': said(({ aud }) => ({ aud: [aud, 'somebody-else'] })),
  'other-party': said(() => ({ azp: 'somebody-else' })),
  'wrong-nonce': said(() => ({ nonce: 'of another login' })),
  'no-nonce': said(() => ({ nonce: undefined })),
  'expired': said(({ iat }) => ({ iat: iat - 3600, exp: iat - 61 })),
  'just-expired': said(({ iat }) => ({ exp: iat - 30 })),
  'issued-earlier': said(({ iat }) => ({ iat: iat - 3600 })),
  'issued-later': said(({ iat }) => ({ iat: iat + 3600 })),
  'identified-earlier': said(({ iat }) => ({ auth_time: iat - 3600 })),
  'no-level': said(() => ({ acr: undefined })),
  'no-subject': said(() => ({ sub: undefined })),
  'no-token': () => undefined,
  'no-jwt': () => 'nonsense',
};

let script = {};
const server = createServer();
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const here = `http://127.0.0.1:${server.address().port}`;
  server.on('request', provider(process.env.ISSUER || here).callback());
  console.log(`listening ${here}`);
});
process.on('SIGTERM', () => process.exit(0));
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const said = JSON.parse(line);
    if (said.mint) return console.log(token(said.mint.header, said.mint.payload));
    script = said;
    console.log('changed');
  })
  // a test that ended without saying so takes its peer along
  .on('close', () => process.exit(0));

function provider(issuer) {
  const op = new Provider(issuer, {
    clients: Object.entries(CLIENTS).map(([client_id, id_token_signed_response_alg]) => ({
      client_id, id_token_signed_response_alg, client_secret: SECRET, redirect_uris: process.argv.slice(2),
      grant_types: ['authorization_code'], response_types: ['code'],
      token_endpoint_auth_method: client_id === 'portal-post' ? 'client_secret_post' : 'client_secret_basic',
    })),
    jwks: { keys: Object.entries(keys).map(([alg, key]) => ({ ...key.export({ format: 'jwk' }), alg, kid: alg, use: 'sig' })) },
    enabledJWA: { idTokenSigningAlgValues: Object.values(CLIENTS) },
    acrValues: ['low', 'substantial', 'high'],
    claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name', 'birthdate', 'groups'] },
    // short ID tokens and a userinfo endpoint for the rest, or everything in the ID token: the portal knows both
    conformIdTokenClaims: process.env.SHORT_TOKENS === 'yes',
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['only here'] },
    findAccount: (_, accountId) => ({ accountId, claims: () => claimsOf(accountId) }),
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600, AccessToken: 600 },
  });
  op.use(async (ctx, next) => {
    if (script.slow) await pause(script.slow);
    if (script.redirect && ctx.path === '/token') return ctx.redirect('/elsewhere');
    if (ctx.path.startsWith('/interaction/')) return await interact(op, ctx);
    await next();
    answer(ctx);
  });
  return op;
}

/** The last word on an answer. */
function answer(ctx) {
  if (script.flood && ctx.body) ctx.body = { ...ctx.body, padding: 'x'.repeat(1024 * 1024) };
  if (ctx.path === '/.well-known/openid-configuration') ctx.body = { ...ctx.body, ...script.describe };
  if (ctx.path === '/jwks' && script.keyless) ctx.body = { keys: [] };
  if (ctx.path === '/me' && ctx.body.sub?.endsWith('~other-userinfo')) ctx.body = { ...ctx.body, sub: 'ben' };
  if (ctx.path === '/token' && ctx.body?.id_token) {
    const [header, payload] = ctx.body.id_token.split('.', 2).map(decoded);
    const [, how] = payload.sub.split('~');
    if (TAMPERED[how]) ctx.body.id_token = TAMPERED[how](header, payload, ctx.body.id_token);
  }
}

function claimsOf(accountId) {
  const [name] = accountId.split('~');
  return { ...(PEOPLE[name] ?? PEOPLE.anna), sub: accountId };
}

/** Logs in whom the hint names, or asks. */
async function interact(op, ctx) {
  const { params } = await op.interactionDetails(ctx.req, ctx.res);
  const accountId = params.login_hint ?? ctx.query.person;
  if (!accountId) {
    const button = (name) => `<p><button name="person" value="${name}">${PEOPLE[name].given_name}, Niveau ${PEOPLE[name].acr}</button></p>`;
    ctx.body = `<!doctype html><html lang="de"><title>Anmelden</title><main><h1>Wer meldet sich an?</h1><form>${Object.keys(PEOPLE).map(button).join('')}</form></main>`;
    return;
  }
  // the library writes to the connection itself
  ctx.respond = false;
  if (accountId === 'nobody') return await op.interactionFinished(ctx.req, ctx.res, { error: 'access_denied', error_description: 'turned back' });
  const grant = new op.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const login = { accountId, acr: script.acr ?? (PEOPLE[accountId.split('~')[0]] ?? PEOPLE.anna).acr, amr: ['pwd'] };
  await op.interactionFinished(ctx.req, ctx.res, { login, consent: { grantId: await grant.save() } });
}
