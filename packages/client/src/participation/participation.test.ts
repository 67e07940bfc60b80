// A run over a network that breaks: whatever is lost, cut or restarted, every member ends with the same model, and nothing is sent twice that
// may be sent once.

import { publishedHash } from '@sumus/federation/release';
import { type RunEvent, readFrameToCoordinator } from '@sumus/federation/run';
import { hexOf } from '@sumus/wire/text';
import { afterEach, describe, expect, it } from 'vitest';
import type { Weather } from '../little-server.contract.ts';
import { fastClock, LittleWorld, type LittleWorldOptions, MemoryStorage } from '../little-world.contract.ts';
import type { Outcome, Progress } from './index.ts';

const isFull =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] !== undefined;

const quick: LittleWorldOptions['plan'] = { maximumContributors: 4, rounds: 2 };
const protections: [string, LittleWorldOptions['plan']][] = [['one-shot sums', { ...quick, protection: 'one-shot' }]];
if (isFull) {
  protections.push(
    ['a shared key', { ...quick, protection: 'threshold' }],
    ['no protection', { ...quick, protection: 'none' }],
    ['turns', { ...quick, schedule: 'random-order', protection: 'none' }],
  );
}

let world: LittleWorld | undefined;
afterEach(() => world?.stop());

const models = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map(({ published }) =>
    published === undefined || world === undefined ? 'none' : hexOf(publishedHash(world.primitives, published)),
  );

const releases = (events: readonly RunEvent[]): number => events.filter(({ kind }) => kind === 'released').length;

/** Reproducible bad weather. */
function weatherOf(seed: number, chance: number): Weather {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const drawn = state / 2 ** 32;
    return drawn < chance / 2 ? 'lost' : drawn < chance ? 'answer lost' : 'fine';
  };
}

describe('a participation', () => {
  it('takes part from the first hello to the end of the run, and says how far it is', async () => {
    world = await LittleWorld.make();
    world.start();
    const told: Progress[] = [];
    const members = await Promise.all(
      [0, 1, 2].map((place) =>
        world!.member(place, place === 0 ? { onProgress: (progress) => void told.push(progress) } : {}),
      ),
    );
    const outcomes = await Promise.all(members.map((member) => member.run()));
    expect(outcomes.map(({ ended }) => ended.kind)).toEqual(['run over', 'run over', 'run over']);
    expect(new Set(models(outcomes)).size).toBe(1);
    expect(releases(world.server.events)).toBe(3);
    expect(outcomes[0]?.published?.version).toBe(3);
    const kinds = new Set(told.map(({ kind }) => kind));
    for (const kind of ['connected', 'standing', 'round', 'phase', 'training', 'trained', 'sending', 'model', 'over']) {
      expect(kinds, kind).toContain(kind);
    }
    const training = told.filter((one) => one.kind === 'training');
    expect(training.filter(({ round }) => round === 0).map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 6]);
    const left = outcomes[0]?.ledger.filter(({ content }) => content.kind === 'left') ?? [];
    expect(left.length).toBeGreaterThanOrEqual(3);
  });

  it.each(protections)('takes part in a run of %s', async (_, plan) => {
    world = await LittleWorld.make({ members: 4, plan });
    world.start();
    const members = await Promise.all([0, 1, 2, 3].map((place) => world!.member(place)));
    const outcomes = await Promise.all(members.map((member) => member.run()));
    expect(outcomes.map(({ ended }) => ended.kind)).toEqual(outcomes.map(() => 'run over'));
    expect(new Set(models(outcomes)).size).toBe(1);
    expect(releases(world.server.events)).toBe(2);
  });

  it.each(isFull ? [1, 2, 3, 4, 5, 6, 7, 8] : [3])(
    'comes to the same model on lines that break, weather %d',
    async (seed) => {
      world = await LittleWorld.make();
      world.start();
      const members = await Promise.all(
        [0, 1, 2].map((place) => world!.member(place, { weather: weatherOf(seed * 100 + place, 0.3) })),
      );
      const outcomes = await Promise.all(members.map((member) => member.run()));
      expect(outcomes.map(({ ended }) => ended.kind)).toEqual(['run over', 'run over', 'run over']);
      expect(new Set(models(outcomes)).size).toBe(1);
      // Nothing was lost: silence has a whole phase, and nobody is given up for it.
      expect(releases(world.server.events)).toBe(3);
      // What came twice was taken once: numbers go up by one.
      for (const name of ['ward-1', 'ward-2', 'ward-3']) {
        const numbers = world.server.events.flatMap((event) =>
          'cause' in event && event.cause !== null && event.cause.member === name ? [event.cause.number] : [],
        );
        expect(numbers).toEqual(numbers.map((_, i) => i));
      }
    },
  );

  it('goes on with a server that crashes again and again', async () => {
    world = await LittleWorld.make();
    const { server } = world;
    world.start();
    const told: Progress[] = [];
    const members = await Promise.all(
      [0, 1, 2].map((place) =>
        world!.member(place, place === 0 ? { onProgress: (progress) => void told.push(progress) } : {}),
      ),
    );
    let crashes = 0;
    const crashing = setInterval(() => {
      if (crashes++ < 5) void server.crash().then(() => setTimeout(() => void server.begin(), 20));
    }, 130);
    const outcomes = await Promise.all(members.map((member) => member.run()));
    clearInterval(crashing);
    expect(outcomes.map(({ ended }) => ended.kind)).toEqual(['run over', 'run over', 'run over']);
    expect(new Set(models(outcomes)).size).toBe(1);
    expect(releases(server.events)).toBe(3);
    expect(told.some(({ kind }) => kind === 'disconnected')).toBe(true);
    expect(told.some((one) => one.kind === 'connected' && one.isAgain)).toBe(true);
  });

  it('goes on from its storage after the power failed at any writing', async () => {
    for (const writings of isFull ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17] : [2, 9]) {
      world?.stop();
      world = await LittleWorld.make();
      world.start();
      const storage = new MemoryStorage();
      const others = await Promise.all([1, 2].map((place) => world!.member(place)));
      const said = new Map<number, Set<string>>();
      const { primitives } = world;
      const weather: Weather = ({ path, body }) => {
        if (!path.endsWith('/frames')) return 'fine';
        const { number } = readFrameToCoordinator(body, 2 ** 26).header;
        const name = hexOf(primitives.sha256(body));
        if (number !== null) said.set(number, (said.get(number) ?? new Set()).add(name));
        return 'fine';
      };
      const first = await world.member(0, { storage, weather });
      storage.writesLeft = writings;
      const rest = others.map((member) => member.run());
      const failed = await first.run().then(
        () => 'ended',
        (error: Error) => error.message,
      );
      expect(failed, `${writings}`).toBe('the power failed');
      storage.writesLeft = Number.POSITIVE_INFINITY;
      const again = await world.member(0, { storage, weather });
      const outcomes = [await again.run(), ...(await Promise.all(rest))];
      expect(outcomes.map(({ ended }) => ended.kind)).toEqual(['run over', 'run over', 'run over']);
      expect(new Set(models(outcomes)).size, `${writings}`).toBe(1);
      // What was said once is said in the same words ever after: never two contributions to one sum.
      for (const [number, hashes] of said) expect(hashes.size, `${writings}: message ${number}`).toBe(1);
      expect(said.size).toBeGreaterThan(8);
    }
  });

  it('sends what is long in pieces, and goes on where a break left it', async () => {
    world = await LittleWorld.make({
      limits: { frameBytes: 600, pieceBytes: 500, inlineBodyBytes: 100 },
      architecture: { input: [60], layers: [{ kind: 'dense', units: 3 }] },
      parameterCount: 183,
      plan: { rounds: 2 },
    });
    world.start();
    const told: Progress[] = [];
    const pieces: string[] = [];
    let seen = 0;
    const weather: Weather = ({ path, method }) => {
      if (method !== 'PUT') return 'fine';
      pieces.push(path.replace(/.*offset=/, ''));
      seen += 1;
      return seen % 3 === 0 ? 'answer lost' : seen % 3 === 2 ? 'lost' : 'fine';
    };
    const members = await Promise.all(
      [0, 1, 2].map((place) =>
        world!.member(place, place === 0 ? { weather, onProgress: (one) => void told.push(one) } : {}),
      ),
    );
    const outcomes = await Promise.all(members.map((member) => member.run()));
    expect(new Set(models(outcomes)).size).toBe(1);
    expect(world.server.framesFromBlobs).toBeGreaterThan(6);
    expect(pieces).toContain('500');
    const sending = told.filter((one) => one.kind === 'sending').filter(({ bytes }) => bytes > 600);
    expect(sending.some(({ sent, bytes }) => sent > 0 && sent < bytes)).toBe(true);
    expect(sending.every(({ sent, bytes }) => sent <= bytes)).toBe(true);
  });

  it('asks again and again what comes next while others are slow, and sends nothing twice that the server has', async () => {
    world = await LittleWorld.make({ plan: { rounds: 1 } });
    world.start();
    const { primitives } = world;
    const seen = new Map<string, number>();
    let asked = 0;
    const weather: Weather = ({ path, body }) => {
      if (!path.endsWith('/frames')) return 'fine';
      // The question itself is asked again and again, in the same words.
      if (new TextDecoder().decode(body).includes('"type":"resume"')) asked += 1;
      else {
        const name = hexOf(primitives.sha256(body));
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }
      return 'fine';
    };
    const quick = await world.worker(2);
    const slow = {
      train: async (...given: Parameters<typeof quick.train>) => {
        while (asked < 2) await new Promise((resolve) => setTimeout(resolve, 20));
        return quick.train(...given);
      },
      close: () => undefined,
    };
    const members = await Promise.all([
      world.member(0, { weather }),
      world.member(1),
      world.member(2, { worker: slow }),
    ]);
    const outcomes = await Promise.all(members.map((member) => member.run()));
    expect(new Set(models(outcomes)).size).toBe(1);
    expect(asked).toBeGreaterThanOrEqual(2);
    expect([...seen.values()].filter((times) => times > 1)).toEqual([]);
  });

  it('leaves when it is asked to, and the others go on without it where they are enough', async () => {
    world = await LittleWorld.make({ members: 4 });
    world.start();
    const members = await Promise.all([0, 1, 2, 3].map((place) => world!.member(place)));
    const [first, ...others] = members;
    const runs = others.map((member) => member.run());
    const leaving = first?.run();
    while (releases(world.server.events) < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    await first?.leave('Enough for today.');
    expect((await leaving)?.ended).toEqual({ kind: 'left', text: 'Enough for today.' });
    const outcomes = await Promise.all(runs);
    expect(outcomes.map(({ ended }) => ended.kind)).toEqual(['run over', 'run over', 'run over']);
    expect(new Set(models(outcomes)).size).toBe(1);
    const left = world.server.events.find((event) => event.kind === 'member left');
    expect(left).toMatchObject({ member: 'ward-1', reason: 'Enough for today.' });
  });

  it('is paused without a word, and goes on later with the same storage', async () => {
    world = await LittleWorld.make();
    world.start();
    const storage = new MemoryStorage();
    const others = await Promise.all([1, 2].map((place) => world!.member(place)));
    const runs = others.map((member) => member.run());
    const first = await world.member(0, { storage });
    const running = first.run();
    while (releases(world.server.events) < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    first.pause();
    expect((await running).ended).toEqual({ kind: 'paused' });
    const last: (string | undefined)[] = [];
    const listening: Weather = ({ path, headers }) => {
      if (path.endsWith('/messages')) last.push(headers['last-event-id']);
      return 'fine';
    };
    const again = await world.member(0, { storage, weather: listening });
    const outcomes = [await again.run(), ...(await Promise.all(runs))];
    expect(new Set(models(outcomes)).size).toBe(1);
    // It says where it stands, so that what it has is not sent again.
    expect(last[0]).toMatch(/^[1-9][0-9]*\.[0-9]+$/);
    // Who asks once more is told what is stored, without a word to anybody.
    const requests: string[] = [];
    const noted: Weather = ({ path }) => {
      requests.push(path);
      return 'fine';
    };
    const after = await world.member(0, { storage, weather: noted });
    expect((await after.run()).ended.kind).toBe('ended before');
    expect(requests).toEqual([]);
  });

  it('declines by its own policy, and the reasons that are its own stay with it', async () => {
    world = await LittleWorld.make();
    const told: Progress[] = [];
    const member = await world.member(0, {
      policy: { minimumUnits: 1000 },
      onProgress: (progress) => void told.push(progress),
    });
    const { ended } = await member.run();
    expect(ended.kind).toBe('declined');
    expect(told.find((one) => one.kind === 'note')).toMatchObject({ refusals: [{ code: 'too-few-units' }] });
    await fastPause(200);
    expect(world.server.events.at(-1)?.kind).toBe('plan declined');
  });

  it('takes no other plan than that of its invitation, also where its policy would', async () => {
    world = await LittleWorld.make();
    const told: Progress[] = [];
    const member = await world.member(0, {
      pinned: { plan: 'ab'.repeat(32) },
      onProgress: (progress) => void told.push(progress),
    });
    const { ended, plan } = await member.run();
    expect(ended).toMatchObject({ kind: 'left', text: expect.stringContaining('another plan') });
    expect(plan).toBeUndefined();
    expect(told.some((one) => one.kind === 'standing' && one.standing === 'accepted')).toBe(false);
  });

  it('says nothing to a server of another key than the invitation names', async () => {
    world = await LittleWorld.make();
    const member = await world.member(0, { pinned: { coordinator: 'ab'.repeat(32) } });
    await expect(member.run()).rejects.toThrow(/the invitation's abab/);
    expect(world.server.events.map(({ kind }) => kind)).toEqual(['run created']);
  });

  it('is turned away where its key takes no part any more', async () => {
    world = await LittleWorld.make();
    const member = await world.member(0);
    world.server.turnAway('ward-1');
    expect((await member.run()).ended).toMatchObject({ kind: 'turned away', code: 'forbidden' });
  });

  it('takes nothing from whoever stands in the line: what is garbled breaks it, what is not for it is refused', async () => {
    world = await LittleWorld.make();
    const { server, primitives } = world;
    world.start();
    const told: Progress[] = [];
    const members = await Promise.all(
      [0, 1, 2].map((place) => world!.member(place, place === 0 ? { onProgress: (one) => void told.push(one) } : {})),
    );
    const running = members.map((member) => member.run());
    const hostile = [
      'data: garbage\n\n',
      `data: ${JSON.stringify({ head: 'AAAA', body: null })}\n\n`,
      `data: ${JSON.stringify({ head: 'AAAA', body: { sha256: 'ab'.repeat(32), bytes: 2 ** 39 } })}\n\n`,
      // A body that there is not.
      `data: ${JSON.stringify({ head: 'AAAA', body: { sha256: 'ab'.repeat(32), bytes: 10 } })}\n\n`,
      ...[0, 1, 2].map(() => {
        const head = Buffer.from(primitives.randomBytes(300)).toString('base64');
        return `data: ${JSON.stringify({ head, body: null })}\n\n`;
      }),
    ];
    for (const text of hostile) {
      await fastPause(30);
      server.streams.get('ward-1')?.push(text);
    }
    const outcomes = await Promise.all(running);
    expect(new Set(models(outcomes)).size).toBe(1);
    expect(outcomes.map(({ ended }) => ended.kind)).toEqual(['run over', 'run over', 'run over']);
    expect(told.some(({ kind }) => kind === 'disconnected')).toBe(true);
    expect(told.some((one) => one.kind === 'refused' && one.by === 'participant')).toBe(true);
  });

  it('has one ledger for all its runs, and no other history of it', async () => {
    const storage = new MemoryStorage();
    world = await LittleWorld.make({ plan: { rounds: 1 } });
    world.start();
    const first = await Promise.all([0, 1, 2].map((place) => world!.member(place, place === 0 ? { storage } : {})));
    const [before] = await Promise.all(first.map((member) => member.run()));
    world.stop();
    world = await LittleWorld.make({ plan: { rounds: 1 } });
    world.start();
    const second = await Promise.all([0, 1, 2].map((place) => world!.member(place, place === 0 ? { storage } : {})));
    const [after] = await Promise.all(second.map((member) => member.run()));
    const length = before?.ledger.length ?? 0;
    expect(length).toBeGreaterThan(0);
    expect(after?.ledger.slice(0, length)).toEqual(before?.ledger);
    expect(after?.ledger.length).toBeGreaterThan(length);
    // The ledger of the first run put back, as if the second had never been.
    const stale = new MemoryStorage();
    for (const [name, bytes] of storage.entries) stale.entries.set(name, bytes);
    const text = new TextDecoder().decode(stale.entries.get('ledger'));
    const lines = text.split('\n').slice(0, -2);
    stale.entries.set('ledger', new TextEncoder().encode(`${lines.join('\n')}\n`));
    const restored = await world.member(0, { storage: stale });
    expect((await restored.run()).ledger).toEqual(after?.ledger);
    stale.entries.set('ledger', new TextEncoder().encode(text.replace('"index":0', '"index":1')));
    await expect((await world.member(0, { storage: stale })).run()).rejects.toThrow(/ledger is damaged/);
  });

  it('has in its ledger whatever its state has, at any moment: budgets of other runs are asked there', async () => {
    const recordsIn = (bytes: Uint8Array | undefined): number =>
      Buffer.from(bytes ?? [])
        .toString('latin1')
        .split('"previous":').length - 1;
    class Watched extends MemoryStorage {
      readonly counts: (readonly [number, number])[] = [];
      override async write(name: string, bytes: Uint8Array): Promise<void> {
        await super.write(name, bytes);
        if (name.startsWith('participant-'))
          this.counts.push([recordsIn(bytes), recordsIn(this.entries.get('ledger'))]);
      }
    }
    world = await LittleWorld.make({ plan: { rounds: 1 } });
    world.start();
    const storage = new Watched();
    const members = await Promise.all([0, 1, 2].map((place) => world!.member(place, place === 0 ? { storage } : {})));
    await Promise.all(members.map((member) => member.run()));
    expect(storage.counts.length).toBeGreaterThan(8);
    expect(Math.max(...storage.counts.map(([state]) => state))).toBeGreaterThan(2);
    for (const [state, ledger] of storage.counts) expect(ledger).toBeGreaterThanOrEqual(state);
  });

  it('ends with what its worker threw, and goes on with one that works', async () => {
    world = await LittleWorld.make();
    world.start();
    const storage = new MemoryStorage();
    const broken = { train: () => Promise.reject(new Error('no such file')), close: () => undefined };
    const others = await Promise.all([1, 2].map((place) => world!.member(place)));
    const rest = others.map((one) => one.run());
    const member = await world.member(0, { storage, worker: broken });
    await expect(member.run()).rejects.toThrow('no such file');
    const again = await world.member(0, { storage });
    const outcomes = [await again.run(), ...(await Promise.all(rest))];
    expect(new Set(models(outcomes)).size).toBe(1);
  });
});

const fastPause = (ms: number): Promise<void> => new Promise((resolve) => void fastClock.after(ms * 40, resolve));
