// sumus encrypted as its users meet it: two owners, files between them, and what is refused by name.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeNetwork } from '@sumus/learning/files';
import { architecture } from '@sumus/learning/model';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from './program.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

async function sumus(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await runCommandLine(words), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const model = architecture({
  input: [3],
  layers: [{ kind: 'dense', units: 2 }, { kind: 'square' }, { kind: 'dense', units: 2 }],
});
const weights = Float32Array.from({ length: 14 }, (_, i) => Math.sin(i + 1));
const table = 'a,b,label,c\n0.5,-0.25,x,1\n-1,0.75,y,0.125\n0,0,x,-0.5\n';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus-encrypted-'));
  writeFileSync(at('model.safetensors'), writeNetwork(model, weights));
  writeFileSync(at('rows.csv'), table);
  writeFileSync(at('passphrase'), 'correct horse\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const data = ['--data', 'rows.csv', '--leave-out', 'label'];
const words = (...given: string[]): string[] =>
  given.map((word) => (/\.(csv|json|key|keys|enc|safetensors)$|^(keys|passphrase)/.test(word) ? at(word) : word));

async function wholeStory(
  packing: string,
  ...passphrase: string[]
): Promise<{ largest: number[]; outputs: number[][] }> {
  const offer = ['--offer', 'offer.json'];
  rmSync(at('keys'), { recursive: true, force: true });
  const secret = ['--secret', 'keys/secret.key', ...passphrase];
  for (const command of [
    ['explain', 'model.safetensors', '--packing', packing, '--out', 'offer.json'],
    ['keygen', ...offer, '--out', 'keys', ...passphrase],
    ['encrypt', ...offer, ...secret, ...data, '--out', 'rows.enc'],
    [
      'predict',
      'model.safetensors',
      ...offer,
      '--keys',
      'keys/evaluation.keys',
      '--data',
      'rows.enc',
      '--out',
      'answers.enc',
    ],
  ]) {
    expect(await sumus('encrypted', ...words(...command))).toMatchObject({ status: 0, stderr: '' });
  }
  const { status, stdout, stderr } = await sumus(
    'encrypted',
    ...words('decrypt', ...offer, ...secret, '--data', 'answers.enc', '--json'),
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('predictions from files', () => {
  it.each(['examples', 'features'])('are those of the circuit in the clear, slots are %s', async (packing) => {
    const found = await wholeStory(packing);
    const clear = await sumus(
      'encrypted',
      ...words('predict', 'model.safetensors', '--offer', 'offer.json', ...data, '--clear', '--json'),
    );
    const expected: { largest: number[]; outputs: number[][] } = JSON.parse(clear.stdout);
    expect(found.largest).toEqual(expected.largest);
    expect(found.outputs).toHaveLength(3);
    found.outputs.flat().forEach((y, i) => {
      expect(y).toBeCloseTo(expected.outputs.flat()[i] ?? Number.NaN, 2);
    });
  });

  it('a secret key under a passphrase opens with it and with no other', async () => {
    await wholeStory('features', '--passphrase-file', 'passphrase');
    expect(statSync(at('keys/secret.key')).mode & 0o777).toBe(0o600);
    const decrypt = ['decrypt', '--offer', 'offer.json', '--secret', 'keys/secret.key', '--data', 'answers.enc'];
    const without = await sumus('encrypted', ...words(...decrypt));
    expect(without).toMatchObject({ status: 2 });
    expect(without.stderr).toMatch(/passphrase/);
    writeFileSync(at('passphrase-other'), 'another\n');
    const other = await sumus('encrypted', ...words(...decrypt, '--passphrase-file', 'passphrase-other'));
    expect(other.status).toBe(2);
    expect(other.stderr).toMatch(/does not open/);
    // Sealed with the name of its task, and of its whole length.
    const whole = readFileSync(at('keys/secret.key'));
    const key = JSON.parse(whole.toString('latin1').split('\n')[0] ?? '').key;
    const renamed = whole.toString('latin1').replace(key, key.replace(/^./, key.startsWith('0') ? '1' : '0'));
    writeFileSync(at('renamed.key'), renamed, 'latin1');
    const encrypt = [
      'encrypt',
      '--offer',
      'offer.json',
      ...data,
      '--out',
      'other.enc',
      '--passphrase-file',
      'passphrase',
    ];
    const opened = await sumus('encrypted', ...words(...encrypt, '--secret', 'renamed.key'));
    expect(opened).toMatchObject({ status: 2, stderr: expect.stringMatching(/does not open/) });
    const header = whole.indexOf(0x0a) + 1;
    const record = header + 2 + whole.readUInt16LE(header);
    for (const length of [0, 20, 40]) {
      const cut = Buffer.from(whole.subarray(0, record + 4 + length));
      cut.writeUInt32LE(length, record);
      writeFileSync(at('cut.key'), cut);
      const { status, stderr } = await sumus('encrypted', ...words(...encrypt, '--secret', 'cut.key'));
      expect({ length, status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/cut short/) });
    }
  });

  it('a secret key is never written over, nor into a file that others may read', async () => {
    await wholeStory('features');
    const before = readFileSync(at('keys/secret.key'));
    chmodSync(at('keys/secret.key'), 0o644);
    const again = await sumus('encrypted', ...words('keygen', '--offer', 'offer.json', '--out', 'keys'));
    expect(again).toMatchObject({ status: 2, stderr: expect.stringMatching(/is there already/) });
    expect(readFileSync(at('keys/secret.key')).equals(before)).toBe(true);
  });
});

describe('what is refused by name', () => {
  beforeAll(() => wholeStory('features'));
  const encrypt = ['encrypt', '--offer', 'offer.json', '--secret', 'keys/secret.key', '--out', 'other.enc'];
  const predict = [
    'predict',
    'model.safetensors',
    '--offer',
    'offer.json',
    '--keys',
    'keys/evaluation.keys',
    '--out',
    'other.enc',
  ];

  it.each([
    ['a number beyond the bound', 'a,b,c\n0.5,7,1\n', /number 2 of row 1/],
    ['a missing number', 'a,b,c\n0.5,,1\n0.5,1,1\n', /b of row 1 is missing/],
    ['a column too few', 'a,b\n0.5,1\n', /2 columns, the model takes 3/],
    ['a column of words', 'a,b,c\n0.5,1,x\n', /column c holds no numbers/],
  ])('%s', async (_, text, reason) => {
    writeFileSync(at('bad.csv'), text);
    const { status, stderr } = await sumus('encrypted', ...words(...encrypt, '--data', 'bad.csv'));
    expect(status).toBe(2);
    expect(stderr).toMatch(reason);
  });

  it('ciphertexts and keys of another offer', async () => {
    const offer = readFileSync(at('offer.json'), 'utf8');
    writeFileSync(at('second.json'), offer.replace(/"inputMagnitude":1/, '"inputMagnitude":0.5'));
    const second = await sumus(
      'encrypted',
      ...words(...encrypt, ...data).map((word) => word.replace('offer.json', 'second.json')),
    );
    expect(second.status).toBe(2);
    expect(second.stderr).toMatch(/another offer/);
    const model = await sumus(
      'encrypted',
      ...words(...predict, '--data', 'rows.enc').map((word) => word.replace('offer.json', 'second.json')),
    );
    expect(model.status).toBe(2);
    expect(model.stderr).toMatch(/was not made for/);
  });

  it('keys of another keygen for the same offer, and a count that the file has no room for', async () => {
    rmSync(at('keys2'), { recursive: true, force: true });
    await sumus('encrypted', ...words('keygen', '--offer', 'offer.json', '--out', 'keys2'));
    const mixed = words(...predict, '--data', 'rows.enc').map((word) => word.replace('/keys/', '/keys2/'));
    expect(await sumus('encrypted', ...mixed)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/of another key/),
    });
    const secret = ['--secret', 'keys2/secret.key', '--data', 'answers.enc'];
    expect(await sumus('encrypted', ...words('decrypt', '--offer', 'offer.json', ...secret))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/of another key/),
    });
    const many = readFileSync(at('rows.enc'), 'latin1').replace('"count":3', '"count":900000000000');
    writeFileSync(at('many.enc'), many, 'latin1');
    expect(await sumus('encrypted', ...words(...predict, '--data', 'many.enc'))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/has no room for them/),
    });
  });

  it('files that hold something else, or are cut short', async () => {
    const wrong = await sumus('encrypted', ...words(...predict, '--data', 'answers.enc'));
    expect(wrong.stderr).toMatch(/holds outputs, and inputs are needed/);
    const bytes = readFileSync(at('rows.enc'));
    for (const length of [0, 10, 200, bytes.length - 1]) {
      writeFileSync(at('cut.enc'), bytes.subarray(0, length));
      const { status } = await sumus('encrypted', ...words(...predict, '--data', 'cut.enc'));
      expect(status).toBe(2);
    }
  });

  it('a changed byte of a ciphertext, where a checksum or a residue shows it, is no crash', async () => {
    const bytes = readFileSync(at('rows.enc'));
    const header = bytes.indexOf(0x0a);
    bytes[header + 20] = (bytes[header + 20] ?? 0) ^ 0xff;
    writeFileSync(at('changed.enc'), bytes);
    const { status } = await sumus('encrypted', ...words(...predict, '--data', 'changed.enc'));
    expect(status).toBe(2);
  });

  it('a network that is none on ciphertexts', async () => {
    const relu = architecture({ input: [3], layers: [{ kind: 'dense', units: 2 }, { kind: 'relu' }] });
    writeFileSync(at('relu.safetensors'), writeNetwork(relu, new Float32Array(8)));
    const { status, stderr } = await sumus('encrypted', ...words('explain', 'relu.safetensors'));
    expect(status).toBe(2);
    expect(stderr).toMatch(/layer 1 \(relu\)/);
  });
});
