// node scripts/known-answers.mjs [--check]: the known answers of packages/secure-sum, computed from the specification by plain code that
// shares nothing with the code under test (Node's crypto, BigInt, one loop after another). --check only compares with what is stored.
// Annotated hex: a value is a list of [what it is, its bytes]; what is hashed is all of the bytes in a row.
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from './run.mjs';

const folder = join(root, 'packages', 'secure-sum', 'src', 'known-answers');

// --- bytes ------------------------------------------------------------------------------------------------------------------

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytesOf = (text) => Buffer.from(text, 'hex');
const ascii = (text) => Buffer.from(text, 'ascii');
const fill = (byte, length = 32) => Buffer.alloc(length, byte);
const u8 = (x) => Buffer.from([x]);
const u16 = (x) => Buffer.from([x & 255, x >> 8]);
const u32 = (x) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(x);
  return bytes;
};
const u64 = (x) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(x));
  return bytes;
};
const f64 = (x) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(x);
  return bytes;
};
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
/** A field behind its length. */
const framed = (bytes) => Buffer.concat([u32(bytes.length), bytes]);
const delimited = (...fields) => Buffer.concat(fields.map(framed));
const hkdf = (ikm, info, length) => Buffer.from(hkdfSync('sha256', ikm, Buffer.alloc(0), info, length));
/** Keystream from block `block` on (RFC 8439): OpenSSL takes the counter before the nonce. */
const chacha20 = (key, length, nonce = Buffer.alloc(12), block = 0) =>
  createCipheriv('chacha20', key, Buffer.concat([u32(block), nonce])).update(Buffer.alloc(length));

/** [label, bytes] pairs as annotated hex, and their concatenation. */
const annotated = (fields) => ({
  fields: fields.map(([label, bytes]) => [label, hex(bytes)]),
  bytes: Buffer.concat(fields.map(([, bytes]) => bytes)),
});

// --- context and derivation -------------------------------------------------------------------------------------------------

const SUITE = 'x25519-ed25519-sha256-chacha20';
const HYBRID = 'xwing-ed25519-sha256-chacha20';

const configurationFields = [
  ['label', framed(ascii('sumus/1/configuration'))],
  ['protocol', framed(ascii('mask'))],
  ['vectorLength 1000', u32(1000)],
  ['wordBits 23', u8(23)],
  ['valueBits 16', u8(16)],
  ['clippingNorm 1', f64(1)],
  ['quantiserScale 32767', f64(32767)],
  ['rotation', framed(ascii('hadamard-15'))],
  ['supportHash', fill(3)],
  ['minimumContributors 3', u32(3)],
  ['5 phases', u8(5)],
  ...[30_000, 30_000, 600_000, 30_000, 30_000].map((ms) => [`${ms} ms`, u64(ms)]),
  ['noise', framed(ascii('none'))],
  ['2 parameters of its own', u16(2)],
  ['neighbours: a number', Buffer.concat([framed(ascii('neighbours')), u8(0), f64(42)])],
  ['threshold: a number', Buffer.concat([framed(ascii('threshold')), u8(0), f64(27)])],
];

const openFields = (suite, configHash) => [
  ['label', framed(ascii('sumus/1/open'))],
  ['suite', framed(ascii(suite))],
  ['project', framed(ascii('hospitals'))],
  ['task', framed(ascii('sepsis'))],
  ['round 7', framed(u64(7))],
  ['flush 0', framed(u32(0))],
  ['modelHash', framed(fill(1))],
  ['configHash', framed(configHash)],
  ['no roster yet', framed(Buffer.alloc(0))],
  ['no beacon yet', framed(Buffer.alloc(0))],
  ['policyHash', framed(fill(2))],
];

const wholeFields = (suite, configHash, openHash) => [
  ['label', framed(ascii('sumus/1'))],
  ['suite', framed(ascii(suite))],
  ['project', framed(ascii('hospitals'))],
  ['task', framed(ascii('sepsis'))],
  ['round 7', framed(u64(7))],
  ['flush 0', framed(u32(0))],
  ['modelHash', framed(fill(1))],
  ['configHash', framed(configHash)],
  ['rosterRoot', framed(fill(4))],
  ['beacon', framed(fill(5))],
  ['policyHash', framed(fill(2))],
  ['ctx0', framed(openHash)],
];

function contextOf(suite) {
  const configHash = sha256(annotated(configurationFields).bytes);
  const open = annotated(openFields(suite, configHash));
  const whole = annotated(wholeFields(suite, configHash, sha256(open.bytes)));
  return { configHash, open, whole, hash: sha256(whole.bytes), openHash: sha256(open.bytes) };
}

const { hash: CTX, openHash: CTX0 } = contextOf(SUITE);

function contextVectors() {
  return [SUITE, HYBRID].map((suite) => {
    const { configHash, open, whole, hash, openHash } = contextOf(suite);
    return {
      suite,
      configuration: annotated(configurationFields).fields,
      configHash: hex(configHash),
      open: open.fields,
      openHash: hex(openHash),
      whole: whole.fields,
      hash: hex(hash),
    };
  });
}

const infoFields = (label, parts) => [
  ['label of all derivations', framed(ascii('sumus/1/derive'))],
  ['label of this one', framed(ascii(label))],
  ['ctx', framed(CTX)],
  [`${parts.length} parts`, framed(delimited(...parts))],
];
const derive = (ikm, label, parts, length) => hkdf(ikm, annotated(infoFields(label, parts)).bytes, length);

function derivationVectors() {
  const one = (ikm, label, parts, length) => ({
    ikm: hex(ikm),
    label,
    parts: parts.map((part) => part.toString('ascii')),
    info: annotated(infoFields(label, parts)).fields,
    output: hex(derive(ikm, label, parts, length)),
  });
  return [
    one(fill(1), 'mask/self', [ascii('silo-01')], 32),
    one(fill(9), 'box/keys', [], 96),
    one(fill(2), 'a', [ascii('x'), ascii('y')], 1),
  ];
}

// --- streams, graph, packing ------------------------------------------------------------------------------------------------

function streamVectors() {
  return [1, 8, 13, 16, 23, 24, 31, 32].map((wordBits) => {
    const key = sha256(ascii(`stream ${wordBits}`));
    const size = Math.ceil(wordBits / 8);
    const places = [0, 1, 63, 64, 16_383, 16_384, 21_823, 21_824, 65_535, 65_536, 70_000];
    const stream = chacha20(key, size * (places.at(-1) + 1));
    const words = places.map((j) => {
      let word = 0;
      for (let i = size - 1; i >= 0; i--) word = word * 256 + stream[size * j + i];
      return word % 2 ** wordBits;
    });
    return { key: hex(key), wordBits, places, words };
  });
}

/** The specification's shuffle: Fisher and Yates from the top, indices by rejection from the words of the stream. */
function shuffleOf(label, count) {
  const stream = chacha20(derive(fill(5), label, [], 32), 65_536);
  let at = 0;
  const below = (bound) => {
    for (;;) {
      const word = stream.readUInt32LE(at);
      at += 4;
      if (word < 2 ** 32 - (2 ** 32 % bound)) return word % bound;
    }
  };
  const order = Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = below(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

function graphVectors() {
  return [
    [5, 2],
    [10, 4],
    [100, 42],
  ].map(([members, neighbours]) => {
    const order = shuffleOf('mask/graph', members);
    const around = (index) => {
      const place = order.indexOf(index);
      const found = [];
      for (let step = 1; step <= neighbours / 2; step++) {
        found.push(order[(place + step) % members], order[(place + members - step) % members]);
      }
      return found.sort((a, b) => a - b);
    };
    const owners = members > 10 ? [0, 57, 99] : order.map((_, i) => i);
    return { members, neighbours, order, neighboursOf: owners.map((owner) => [owner, around(owner)]) };
  });
}

/** Bit i of the stream is bit i mod w of word ⌊i/w⌋. */
function packedBits(words, wordBits) {
  const bytes = Buffer.alloc(Math.ceil((words.length * wordBits) / 8));
  words.forEach((word, j) => {
    for (let bit = 0; bit < wordBits; bit++) {
      const at = j * wordBits + bit;
      if ((BigInt(word) >> BigInt(bit)) & 1n) bytes[at >> 3] |= 1 << (at & 7);
    }
  });
  return bytes;
}

function packingVectors() {
  return [1, 3, 8, 16, 17, 19, 23, 31, 32].map((wordBits) => {
    const top = 2 ** wordBits;
    const words = [0, 1, top - 1, top / 2, Math.floor(top / 3), Math.floor(top / 5), 1, 0, top - 1];
    return { wordBits, words, packed: hex(packedBits(words, wordBits)) };
  });
}

// --- rotation ---------------------------------------------------------------------------------------------------------------

/** Row and column swapped within every sixteen places: so do kernels leave what they transformed. */
const transposed = (place) => (place & ~15) | ((place & 3) << 2) | ((place >> 2) & 3);

/** Sylvester's matrix over √n, row by row. */
function hadamard(values) {
  const ones = (x) => x.toString(2).replaceAll('0', '').length;
  return values.map(
    (_, place) =>
      values.reduce((sum, value, j) => sum + (ones(transposed(place) & j) % 2 === 1 ? -value : value), 0) /
      Math.sqrt(values.length),
  );
}

/** Two windows of `size` values, the second from `secondAt` on (0: there is none); each with signs of its own. */
function rotationVectors() {
  return [
    [16, 16, 0],
    [40, 32, 8],
    [100, 64, 36],
  ].map(([length, size, secondAt]) => {
    const key = derive(CTX, 'encoding/rotation', [], 32);
    const signs = chacha20(key, (secondAt === 0 ? 1 : 2) * (size / 8));
    const flip = (values, from) =>
      values.map((value, i) => ((signs[(from + i) >> 3] >> ((from + i) & 7)) & 1 ? -value : value));
    const values = smallFrom(`rotated ${length}`, length, 1000);
    let rotated = [...hadamard(flip(values.slice(0, size), 0)), ...values.slice(size)];
    if (secondAt > 0) rotated = [...rotated.slice(0, secondAt), ...hadamard(flip(rotated.slice(secondAt), size))];
    return {
      length,
      size,
      secondAt,
      signs: hex(signs),
      values,
      rotated: rotated.map((value) => Number(value.toFixed(9))),
    };
  });
}

// --- Shamir over GF(2^8) ----------------------------------------------------------------------------------------------------

/** Schoolbook product of polynomials over GF(2), then the remainder by x^8 + x^4 + x^3 + x + 1. */
function gfMultiply(a, b) {
  let product = 0;
  for (let i = 0; i < 8; i++) if ((b >> i) & 1) product ^= a << i;
  for (let i = 14; i >= 8; i--) if ((product >> i) & 1) product ^= 0x11b << (i - 8);
  return product;
}

function gfPower(a, exponent) {
  let power = 1;
  for (let i = 0; i < exponent; i++) power = gfMultiply(power, a);
  return power;
}

/** `random`: byte j of coefficient i ≥ 1 at (i − 1)·length + j, length rounded up to a multiple of four. */
function sharesOf(secret, threshold, points, random) {
  const length = 4 * Math.ceil(secret.length / 4);
  return points.map((point) =>
    Buffer.from(
      Array.from(secret, (byte, j) => {
        let value = byte;
        for (let i = 1; i < threshold; i++) value ^= gfMultiply(random[(i - 1) * length + j], gfPower(point, i));
        return value;
      }),
    ),
  );
}

function shamirVectors() {
  return [
    [32, 2, [1, 2, 3]],
    [32, 7, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [5, 3, [1, 17, 200, 255]],
    [32, 1, [9]],
  ].map(([length, threshold, points]) => {
    const secret = sha256(ascii(`secret ${length} ${threshold}`)).subarray(0, length);
    const random = chacha20(sha256(ascii(`coefficients ${threshold}`)), (threshold - 1) * 4 * Math.ceil(length / 4));
    const shares = sharesOf(secret, threshold, points, random);
    return {
      threshold,
      secret: hex(secret),
      random: hex(random),
      shares: shares.map((share, i) => [points[i], hex(share)]),
    };
  });
}

// --- masks ------------------------------------------------------------------------------------------------------------------

const x25519Secret = (bytes) =>
  createPrivateKey({
    key: Buffer.concat([bytesOf('302e020100300506032b656e04220420'), bytes]),
    format: 'der',
    type: 'pkcs8',
  });
const x25519Public = (secret) => createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);

function maskVectors() {
  const wordBits = 23;
  const modulus = 2 ** wordBits;
  const names = ['silo-01', 'silo-02', 'silo-03'];
  const secrets = names.map((name) => sha256(ascii(`mask key of ${name}`)));
  const keys = secrets.map(x25519Secret);
  const publicKeys = keys.map(x25519Public);
  const seeds = names.map((name) => sha256(ascii(`seed of ${name}`)));
  const values = names.map((_, u) => Array.from({ length: 20 }, (__, i) => ((i * 7919 * (u + 1)) % 65_535) - 32_767));
  const wordsOf = (key) => {
    const stream = chacha20(key, 3 * 20);
    return Array.from({ length: 20 }, (_, j) => stream.readUIntLE(3 * j, 3) % modulus);
  };
  const pairKey = (u, v) => {
    const [first, second] = u < v ? [u, v] : [v, u];
    const agreed = diffieHellman({ privateKey: keys[first], publicKey: createPublicKey(keys[second]) });
    return derive(
      agreed,
      'mask/pair',
      [ascii(names[first]), ascii(names[second]), publicKeys[first], publicKeys[second]],
      32,
    );
  };
  const masked = names.map((name, u) => {
    const sum = values[u].map((value) => ((value % modulus) + modulus) % modulus);
    const add = (words, sign) =>
      words.forEach((word, j) => {
        sum[j] = (sum[j] + sign * word + modulus) % modulus;
      });
    add(wordsOf(derive(seeds[u], 'mask/self', [ascii(name)], 32)), 1);
    for (let v = 0; v < names.length; v++) if (v !== u) add(wordsOf(pairKey(u, v)), u < v ? 1 : -1);
    return sum;
  });
  const members = names.map((name, u) => ({
    name,
    secretKey: hex(secrets[u]),
    publicKey: hex(publicKeys[u]),
    seed: hex(seeds[u]),
    selfKey: hex(derive(seeds[u], 'mask/self', [ascii(name)], 32)),
    values: values[u],
    masked: hex(packedBits(masked[u], wordBits)),
  }));
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
  ].map(([u, v]) => [u, v, hex(pairKey(u, v))]);
  const sum = values[0].map((_, i) => values[0][i] + values[1][i] + values[2][i]);
  return [{ wordBits, members, pairs, sum }];
}

// --- boxes ------------------------------------------------------------------------------------------------------------------

function boxVectors() {
  const secrets = ['alice', 'bob'].map((name) => sha256(ascii(`box key of ${name}`)));
  const keys = secrets.map(x25519Secret);
  const [alice, bob] = keys.map(x25519Public);
  const agreed = diffieHellman({ privateKey: keys[0], publicKey: createPublicKey(keys[1]) });
  const whole = derive(agreed, 'box/keys', [ascii('alice'), ascii('bob'), alice, bob], 96);
  const [boxKey, nonceKey, macKey] = [0, 32, 64].map((at) => whole.subarray(at, at + 32));
  const plaintext = ascii('what the coordinator does not read');
  const associatedData = delimited(CTX, ascii('alice'), ascii('bob'), ascii('mask/shares'));
  const hmac = (key, ...parts) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const nonce = hmac(nonceKey, delimited(associatedData), plaintext).subarray(0, 12);
  const cipher = createCipheriv('chacha20-poly1305', boxKey, nonce, { authTagLength: 16 });
  cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  const mac = hmac(macKey, delimited(ascii('sumus/1/mac'), CTX, ascii('mask/alive'), ascii('carol'))).subarray(0, 16);
  return [
    {
      secretKeys: secrets.map(hex),
      publicKeys: [hex(alice), hex(bob)],
      purpose: 'mask/shares',
      plaintext: hex(plaintext),
      box: [
        ['nonce', hex(nonce)],
        ['ciphertext', hex(sealed.subarray(0, plaintext.length))],
        ['tag', hex(sealed.subarray(plaintext.length))],
      ],
      mac: hex(mac),
    },
  ];
}

// --- threshold --------------------------------------------------------------------------------------------------------------

function thresholdVectors() {
  const context = CTX;
  const publicKey = fill(7, 100);
  const epoch = annotated([
    ['label', framed(ascii('sumus/1/threshold/epoch'))],
    ['ctx', framed(context)],
    ['run', framed(fill(1))],
    ['hash of the public key', framed(sha256(publicKey))],
    ['transcript', framed(fill(2))],
    ['ends at', framed(u64(1_795_000_000_000))],
  ]);
  const opening = annotated([
    ['label', framed(ascii('sumus/1/threshold/opening'))],
    ['ctx0 of the round', framed(CTX0)],
    ['epoch', framed(sha256(epoch.bytes))],
    ['contributions', framed(delimited(ascii('silo-01'), fill(3), ascii('silo-02'), fill(4)))],
    ['active set 1, 3', framed(delimited(u32(1), u32(3)))],
  ]);
  const sum = [1, -2, 2 ** 31 - 1, -(2 ** 31)];
  const sumBytes = Buffer.alloc(16);
  for (const [i, value] of sum.entries()) sumBytes.writeInt32LE(value, 4 * i);
  const result = annotated([
    ['label', framed(ascii('sumus/1/threshold/result'))],
    ['statement', framed(sha256(opening.bytes))],
    ['sum', framed(sumBytes)],
  ]);
  const nonce = annotated([
    ['label', framed(ascii('sumus/1/threshold/nonce'))],
    ['ctx', framed(context)],
    ['member', framed(ascii('silo-01'))],
    ['nonce', framed(fill(5))],
  ]);
  const challenge = annotated([
    ['label', framed(ascii('sumus/1/threshold/challenge'))],
    ['ctx', framed(context)],
    ['transcript', framed(fill(2))],
    ['nonces', framed(delimited(fill(5), fill(6)))],
  ]);
  const hashed = ({ fields, bytes }) => ({ fields, hash: hex(sha256(bytes)) });
  return [
    {
      endsAtMs: 1_795_000_000_000,
      publicKey: hex(publicKey),
      sum,
      epoch: hashed(epoch),
      opening: hashed(opening),
      result: hashed(result),
      nonce: hashed(nonce),
      challenge: hashed(challenge),
    },
  ];
}

// --- packed Shamir and KAHE over R_q ----------------------------------------------------------------------------------------

const mod = (a, m) => ((a % m) + m) % m;

function powerMod(base, exponent, m) {
  let result = 1n;
  for (let b = mod(base, m), e = exponent; e > 0n; e >>= 1n, b = (b * b) % m) if (e & 1n) result = (result * b) % m;
  return result;
}

const inverseMod = (a, p) => powerMod(a, p - 2n, p);

function isPrime(x) {
  for (let d = 2n; d * d <= x; d++) if (x % d === 0n) return false;
  return x > 1n;
}

/** The largest primes below 2^30 that are 1 modulo 2n. */
function primesFor(degree, count) {
  const found = [];
  for (let x = 2n ** 30n - (2n ** 30n % BigInt(2 * degree)) + 1n; found.length < count; x -= BigInt(2 * degree)) {
    if (x < 2n ** 30n && isPrime(x)) found.push(x);
  }
  return found;
}

/** The words of a stream below ⌊2^32/q⌋·q, modulo q, one limb after another from one stream. */
function uniformFrom(seed, domain, index, count, bounds) {
  const nonce = Buffer.concat([ascii(domain), u64(index)]);
  const stream = chacha20(seed, 4 * 4 * count * bounds.length, nonce);
  let at = 0;
  return bounds.map((q) => {
    const limit = (2n ** 32n / q) * q;
    const drawn = [];
    while (drawn.length < count) {
      const word = BigInt(stream.readUInt32LE(at));
      at += 4;
      if (word < limit) drawn.push(word % q);
    }
    return drawn;
  });
}

const bitReverse = (x, bits) => Number.parseInt(x.toString(2).padStart(bits, '0').split('').reverse().join(''), 2);

/** The exponent e such that a position of evaluation form holds the value at ψ^e. */
function exponentAt(position, degree) {
  return 2 * bitReverse(transposed(position), Math.log2(degree)) + 1;
}

function rootOf(degree, q) {
  for (let x = 2n; ; x++) {
    const psi = powerMod(x, (q - 1n) / BigInt(2 * degree), q);
    if (powerMod(psi, BigInt(degree), q) === q - 1n) return psi;
  }
}

/** Coefficients from evaluations: a_j = n^-1 · Σ_e value(ψ^e)·ψ^(−e·j). */
function interpolated(evaluations, q) {
  const degree = evaluations.length;
  const inverse = inverseMod(rootOf(degree, q), q);
  const scale = inverseMod(BigInt(degree), q);
  return evaluations.map((_, j) => {
    let sum = 0n;
    evaluations.forEach((value, position) => {
      sum += value * powerMod(inverse, BigInt(exponentAt(position, degree) * j), q);
    });
    return mod(sum * scale, q);
  });
}

/** Schoolbook product modulo X^n + 1 and q. */
function negacyclic(a, b, q) {
  const n = a.length;
  const product = new Array(n).fill(0n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const at = (i + j) % n;
      product[at] += (i + j >= n ? -1n : 1n) * a[i] * b[j];
    }
  }
  return product.map((x) => mod(x, q));
}

/** Garner by search of nothing: the integer below Πq with these residues. */
function composed(residues, primes) {
  const q = primes.reduce((product, p) => product * p, 1n);
  return mod(
    residues.reduce((sum, r, i) => sum + r * (q / primes[i]) * inverseMod(q / primes[i], primes[i]), 0n),
    q,
  );
}

/** Small numbers of both signs from a hash, in [−bound, bound]. */
const smallFrom = (label, count, bound) => {
  const stream = chacha20(sha256(ascii(label)), 4 * count);
  return Array.from({ length: count }, (_, i) => (stream.readUInt32LE(4 * i) % (2 * bound + 1)) - bound);
};

function kaheVectors() {
  const degree = 64;
  const primes = primesFor(degree, 3);
  const [wordBits, words] = [20, 3];
  const modulus = 2n ** BigInt(wordBits * words);
  const context = sha256(ascii('context of contributions'));
  const a = uniformFrom(context, 'publ', 0, degree, primes).map((limb, i) => interpolated(limb, primes[i]));
  const contributors = [0, 1, 2].map((u) => {
    const key = smallFrom(`key ${u}`, degree, 12);
    const error = smallFrom(`error ${u}`, degree, 18);
    const values = smallFrom(`values ${u}`, degree * words, 100_000);
    // Value l·N + i is digit l of coefficient i: balanced digits, not residues.
    const packed = Array.from({ length: degree }, (_, i) => {
      let coefficient = 0n;
      for (let l = 0; l < words; l++) coefficient += BigInt(values[l * degree + i]) << BigInt(wordBits * l);
      return coefficient + modulus * BigInt(error[i]);
    });
    const limbs = primes.map((q, t) => {
      const product = negacyclic(
        a[t],
        key.map((s) => mod(BigInt(s), q)),
        q,
      );
      return product.map((x, i) => mod(x + packed[i], q));
    });
    const ciphertext = Array.from({ length: degree }, (_, i) =>
      composed(
        limbs.map((limb) => limb[i]),
        primes,
      ).toString(),
    );
    return { key, values, ciphertext };
  });
  const sum = contributors[0].values.map((_, i) => contributors.reduce((total, { values }) => total + values[i], 0));
  return [{ degree, primes: primes.map(Number), wordBits, words, context: hex(context), contributors, sum }];
}

/** Packed sharing: degree q_c − 1 through ρ secrets at p − 1 … p − ρ and t_c uniform values below; member i has the value at i. */
function packedSharingVectors() {
  const degree = 64;
  const [members, corrupt] = [7, 2];
  const quorum = Math.floor((members + corrupt) / 2) + 1;
  const packed = quorum - corrupt;
  const blocks = Math.ceil(degree / packed);
  const [p] = primesFor(degree, 1);
  const seed = sha256(ascii('randomness of a sharing'));
  const key = smallFrom('key of a sharing', degree, 12);
  const random = uniformFrom(seed, 'shar', 0, blocks * corrupt, [p])[0];
  const inputs = Array.from({ length: quorum }, (_, i) => p - 1n - BigInt(i));
  const shares = Array.from({ length: members }, (_, m) =>
    Array.from({ length: blocks }, (__, b) => {
      const values = inputs.map((___, k) =>
        k < packed ? mod(BigInt(key[b * packed + k] ?? 0), p) : random[(k - packed) * blocks + b],
      );
      let value = 0n;
      inputs.forEach((x, k) => {
        let weight = values[k];
        inputs.forEach((other, j) => {
          if (j !== k) weight = mod(weight * mod(BigInt(m + 1) - other, p) * inverseMod(mod(x - other, p), p), p);
        });
        value = mod(value + weight, p);
      });
      return Number(value);
    }),
  );
  return [{ degree, modulus: Number(p), members, corrupt, quorum, packed, seed: hex(seed), key, shares }];
}

// --- files ------------------------------------------------------------------------------------------------------------------

const source = (what) => `${what}; computed by scripts/known-answers.mjs`;
const files = {
  'context.json': { source: source('specification §1.2, src/context/context.ts'), vectors: contextVectors() },
  'derivation.json': { source: source('src/context/derive.ts, HKDF of RFC 5869'), vectors: derivationVectors() },
  'streams.json': { source: source('src/mask/key-stream.ts, ChaCha20 of RFC 8439'), vectors: streamVectors() },
  'graph.json': {
    source: source('specification §1.3, src/beacon/shuffle.ts, src/mask/graph.ts'),
    vectors: graphVectors(),
  },
  'packing.json': { source: source('src/mask/key-stream.ts'), vectors: packingVectors() },
  'rotation.json': { source: source('specification §5, src/encoding/rotation.ts'), vectors: rotationVectors() },
  'shamir.json': { source: source('src/mask/split.ts, GF(2^8) of AES'), vectors: shamirVectors() },
  'masks.json': { source: source('specification §1.3'), vectors: maskVectors() },
  'boxes.json': { source: source('src/boxes/channel.ts'), vectors: boxVectors() },
  'threshold.json': { source: source('src/threshold/statements.ts, founding-bodies.ts'), vectors: thresholdVectors() },
  'kahe.json': { source: source('specification §1.4'), vectors: kaheVectors() },
  'packed-sharing.json': { source: source('specification §1.4'), vectors: packedSharingVectors() },
};

/** One entry a line, short lists on one line. */
const text = (value) =>
  `${JSON.stringify(value, null, 2).replace(/\[\s+((?:-?\d+|"[^"]*")(?:,\s+(?:-?\d+|"[^"]*"))*)\s+\]/g, (_, list) => `[${list.replace(/,\s+/g, ', ')}]`)}\n`;

const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });
let differing = 0;
for (const [name, file] of Object.entries(files)) {
  const path = join(folder, name);
  const wanted = text(file);
  if (existsSync(path) && JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))) === JSON.stringify(file)) continue;
  differing++;
  if (!check) writeFileSync(path, wanted);
  say(`${check ? 'differs' : 'written'}: ${name}`);
}
if (check && differing > 0) process.exit(1);
say(`${Object.keys(files).length} files of known answers${check ? ' are what the specification gives' : ''}`);
