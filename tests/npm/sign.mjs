// SPDX-License-Identifier: AGPL-3.0-or-later
// Signs requests as the aggregators do. Standard input: a list of {vendor, key, method, url, body, now}; standard output:
// the same with what was signed: {url, body, headers}. Where a vendor's package signs, it signs; where it only checks,
// what the documents say is computed here and the package has to accept it.
import { createHash, createHmac, createPrivateKey, createPublicKey, createSecretKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const twilio = require('twilio');
const plivo = require('plivo');
const jwt = require('jsonwebtoken');
const messagebird = require('messagebird/lib/webhook-signature-jwt.js');
const messagebirdOld = require('messagebird/lib/signature.js');
const sinch = require('./node_modules/@sinch/sdk-client/dist/utils/authorization.helper.js');
const { SMS } = await import('@vonage/sms');
const vonage = await import('@vonage/jwt');
const { default: Telnyx } = await import('telnyx');

const form = (body) => Object.fromEntries(new URLSearchParams(body));
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const must = (held, vendor) => { if (!held) throw new Error(`${vendor}'s own package does not accept this`); };

const vendors = {
  twilio({ key, method, url, body }) {
    const params = method === 'POST' ? form(body) : {};
    const signature = twilio.getExpectedTwilioSignature(key, url, params);
    must(twilio.validateRequest(key, signature, url, params), 'twilio');
    return { headers: { 'X-Twilio-Signature': signature } };
  },
  'twilio-port'({ key, url, body }) {
    const signature = twilio.getExpectedTwilioSignature(key, url.replace('.org/', '.org:443/'), form(body));
    must(twilio.validateRequest(key, signature, url, form(body)), 'twilio');
    return { headers: { 'X-Twilio-Signature': signature } };
  },
  'twilio-json'({ key, url, body }) {
    const signed = `${url}?bodySHA256=${sha256(body)}`;
    const signature = twilio.getExpectedTwilioSignature(key, signed, {});
    must(twilio.validateRequestWithBody(key, signature, signed, body), 'twilio');
    return { url: signed, headers: { 'X-Twilio-Signature': signature } };
  },
  'vonage-sig'({ key, body, now, how }) {
    const params = { ...form(body), timestamp: String(now) };
    const text = Object.keys(params).sort().map((k) => `&${k}=${params[k].replace(/[&=]/g, '_')}`).join('');
    const hash = { md5: 'md5', 'hmac-md5': 'md5', 'hmac-sha1': 'sha1', 'hmac-sha256': 'sha256', 'hmac-sha512': 'sha512' }[how];
    params.sig = how === 'md5' ? createHash(hash).update(text + key).digest('hex')
      : createHmac(hash, key).update(text).digest('hex').toUpperCase();
    const name = how === 'md5' ? 'MD5HASH' : how.slice(5).toUpperCase() + 'HMAC';
    must(SMS.prototype.verifySignature(params.sig, params, key, name), 'vonage');
    return { body: new URLSearchParams(params).toString(), headers: {} };
  },
  'vonage-jwt'({ key, body, now }) {
    const token = jwt.sign({ iat: now, jti: 'c5ba8f24', iss: 'Vonage', payload_hash: sha256(body), api_key: 'abcd1234' }, key);
    must(vonage.verifySignature(token, key), 'vonage');
    return { headers: { Authorization: `Bearer ${token}` } };
  },
  async telnyx({ key, body, now }) {
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(key, 'hex')]);
    const secret = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const headers = {
      'telnyx-timestamp': String(now),
      'telnyx-signature-ed25519': sign(null, Buffer.from(`${now}|${body}`), secret).toString('base64'),
    };
    const publicKey = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
    await new Telnyx({ apiKey: 'none', publicKey }).webhooks.unwrap(body, { headers });
    return { headers };
  },
  'plivo-v3'({ key, method, url, body }) {
    const nonce = '05429567804466091622', [base, query] = url.split('?');
    const pairs = [...new URLSearchParams(query ?? '')].sort().map(([k, v]) => `${k}=${v}`).join('&');
    const params = method === 'POST' ? [...new URLSearchParams(body)].sort().map(([k, v]) => k + v).join('') : '';
    const text = base + (pairs || params ? '?' : '') + pairs + (pairs && params ? '.' : '') + params + '.' + nonce;
    const signature = createHmac('sha256', key).update(text).digest('base64');
    must(plivo.validateV3Signature(method, url, nonce, key, signature, method === 'POST' ? form(body) : {}), 'plivo');
    return { headers: { 'X-Plivo-Signature-V3': `AAAA,${signature}`, 'X-Plivo-Signature-V3-Nonce': nonce } };
  },
  'plivo-v2'({ key, url }) {
    const nonce = '12345', signature = createHmac('sha256', key).update(url.split('?')[0] + nonce).digest('base64');
    must(plivo.validateSignature(url, nonce, signature, key), 'plivo');
    return { headers: { 'X-Plivo-Signature-V2': signature, 'X-Plivo-Signature-V2-Nonce': nonce } };
  },
  async messagebird({ key, url, body, now }) {
    const claims = { iss: 'MessageBird', nbf: now - 1, exp: now + 60, jti: 'e92cf079', url_hash: sha256(url) };
    if (body) claims.payload_hash = sha256(body);
    const token = jwt.sign(claims, key, { noTimestamp: true });
    await messagebird.verify(url, Buffer.from(body), token, createSecretKey(Buffer.from(key)));
    return { headers: { 'MessageBird-Signature-JWT': token } };
  },
  'messagebird-old'({ key, url, body, now }) {
    const query = form(url.split('?')[1]);
    if (query.statusDatetime) query.statusDatetime = query.statusDatetime.replace(' ', '+');
    const sorted = Object.keys(query).sort().map((k) => `${encodeURIComponent(k)}=${encodeURIComponent(query[k])}`).join('&');
    const text = Buffer.concat([Buffer.from(`${now}\n${sorted}\n`), createHash('sha256').update(body).digest()]);
    const headers = { 'messagebird-request-timestamp': String(now), 'messagebird-signature': createHmac('sha256', key).update(text).digest('base64') };
    messagebirdOld.validate({ headers, query: form(url.split('?')[1]), body }, key);
    return { headers };
  },
  sinch({ key, body, now }) {
    const headers = { 'x-sinch-webhook-signature-timestamp': String(now), 'x-sinch-webhook-signature-nonce': '01FJA8B4A7BM43YGWSG9GBV067' };
    const text = sinch.computeSignedData(body, headers['x-sinch-webhook-signature-nonce'], now);
    headers['x-sinch-webhook-signature'] = sinch.calculateWebhookSignature(text, key);
    must(sinch.validateWebhookSignature(key, headers, body), 'sinch');
    return { headers };
  },
  httpsms({ key, url, now }) {
    const claims = { iss: 'api.httpsms.com', sub: 'user-1', aud: [url], nbf: now - 600, iat: now, exp: now + 600 };
    return { headers: { Authorization: `Bearer ${jwt.sign(claims, key)}` } };
  },
};

const signed = [];
for (const asked of JSON.parse(readFileSync(0, 'utf8'))) signed.push({ ...asked, ...(await vendors[asked.vendor](asked)) });
process.stdout.write(JSON.stringify(signed));
