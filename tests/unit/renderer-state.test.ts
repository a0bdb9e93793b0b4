import { describe, expect, it } from 'vitest';
import type { AppState, HostEvent } from '../../electron/ipc/contract.js';
import { appStateSchema } from '../../electron/ipc/contract.js';
import { findAnnouncement } from '../../renderer/app/announcer.js';
import { isSameButFigures } from '../../renderer/app/calm-state.js';
import { applyEvent } from '../../renderer/app/store.js';
import type { AppStore } from '../../renderer/app/store.js';
import { planHeldOut } from '../../renderer/panels/run/held-out.js';
import { findNextStep } from '../../renderer/panels/run/next-step.js';
import { toColumns, toRows } from '../../renderer/panels/run/plot-data.js';
import { psnrRange } from '../../renderer/panels/run/plot-options.js';
import { photoMarks } from '../../renderer/panels/photos/photo-state.js';
import {
  canCancel,
  canPause,
  canResume,
  canStart,
  findBlocker,
  findsCamerasFirst,
} from '../../renderer/panels/run/run-permissions.js';
import { IDLE_RUN } from '../../electron/service/initial-state.js';
import { EMPTY_STATE, mockPhoto } from '../fixtures/mock-host.js';
import { MOCK_STATES } from '../fixtures/mock-states.js';

const UNKNOWN: AppStore = { connected: false, state: null, history: [] };
const stateEvent = (slices: Partial<AppState>): HostEvent => ({ type: 'state', slices });
const withRun = (changes: Partial<AppState['run']>): AppState => ({ ...EMPTY_STATE, run: { ...IDLE_RUN, ...changes } });

describe('the mirrored state', () => {
  it('fits the contract in every state that tests and screenshots show', () => {
    for (const { state } of Object.values(MOCK_STATES)) expect(() => appStateSchema.parse(state)).not.toThrow();
  });

  it('replaces the slices that an event names and leaves the others the same objects', () => {
    const before: AppStore = { ...UNKNOWN, state: EMPTY_STATE };
    const run = { ...IDLE_RUN, status: 'running' as const };
    const after = applyEvent(before, stateEvent({ run }));
    expect(after.state?.run).toBe(run);
    expect(after.state?.photos).toBe(EMPTY_STATE.photos);
  });

  it('waits for a whole state before it shows any', () => {
    expect(applyEvent(UNKNOWN, stateEvent({ run: IDLE_RUN })).state).toBeNull();
    expect(applyEvent(UNKNOWN, stateEvent(EMPTY_STATE)).state).toEqual(EMPTY_STATE);
  });

  it('appends points of the plot, and drops the earlier ones on reset', () => {
    const point = (iteration: number) => ({ iteration, loss: 1, psnr: null });
    const one = applyEvent(UNKNOWN, { type: 'history', reset: false, points: [point(1)] });
    const two = applyEvent(one, { type: 'history', reset: false, points: [point(2)] });
    expect(two.history.map(({ iteration }) => iteration)).toEqual([1, 2]);
    expect(applyEvent(two, { type: 'history', reset: true, points: [point(9)] }).history).toEqual([point(9)]);
  });
});

describe('what a screen reader is told', () => {
  it('names a new stage and the end, never an iteration', () => {
    const matching = withRun({ status: 'running', stage: 'matches' });
    const optimising = withRun({ status: 'running', stage: 'optimisation', iteration: 1 });
    expect(findAnnouncement(matching, optimising)).toEqual({ kind: 'stage', stage: 'optimisation' });
    expect(findAnnouncement(optimising, withRun({ ...optimising.run, iteration: 2 }))).toBeNull();
    expect(findAnnouncement(optimising, withRun({ status: 'finished', stage: 'export' }))).toEqual({
      kind: 'finished',
    });
  });

  it('says how many photos were placed, and that too few were, each once', () => {
    const outcome = { isPlaced: true as const, pointCount: 9, medianErrorPx: 1, doubts: [] };
    const lost = { isPlaced: false as const, reason: 'apart' as const };
    const photos = [
      mockPhoto(0, { outcome }),
      mockPhoto(1, { outcome }),
      mockPhoto(2, { outcome: lost }),
      mockPhoto(3),
    ];
    const seeking = withRun({ status: 'running', stage: 'poses', cameras: 'sought' });
    const found = { ...withRun({ status: 'running', stage: 'poses', cameras: 'found' }), photos };
    expect(findAnnouncement(seeking, found)).toEqual({ kind: 'cameras-found', placed: 2, count: 3 });
    expect(findAnnouncement(found, found)).toBeNull();
    const failed = withRun({ status: 'failed', stage: 'poses', cameras: 'not-found' });
    expect(findAnnouncement(seeking, failed)).toEqual({ kind: 'cameras-not-found' });
  });

  it('counts new warnings once', () => {
    const [notice] = MOCK_STATES.loaded.state.notices;
    const now = { ...EMPTY_STATE, notices: notice === undefined ? [] : [notice] };
    expect(findAnnouncement(EMPTY_STATE, now)).toEqual({ kind: 'problems', count: 1 });
    expect(findAnnouncement(now, now)).toBeNull();
  });
});

describe('what may be done', () => {
  const photos = [mockPhoto(0), mockPhoto(1)];

  it('starts with two posed photos and not with less', () => {
    expect(canStart({ ...EMPTY_STATE, photos })).toBe(true);
    expect(findBlocker(EMPTY_STATE)).toBe('no-photos');
    expect(findBlocker({ ...EMPTY_STATE, photos: [mockPhoto(0), mockPhoto(1, { role: 'held-out' })] })).toBe('too-few');
    expect(findBlocker({ ...EMPTY_STATE, photos: [mockPhoto(0), mockPhoto(1, { status: 'reading' })] })).toBe(
      'reading',
    );
  });

  it('starts without cameras where the host can find them, and says that they are missing where it cannot', () => {
    const unposed = photos.map((photo) => ({ ...photo, camera: null }));
    expect(findBlocker({ ...EMPTY_STATE, photos: unposed })).toBeNull();
    expect(findsCamerasFirst({ ...EMPTY_STATE, photos: unposed })).toBe(true);
    const session = { ...EMPTY_STATE.session, canFindCameras: false };
    expect(findBlocker({ ...EMPTY_STATE, session, photos: unposed })).toBe('no-cameras');
    expect(findsCamerasFirst({ ...EMPTY_STATE, session, photos: unposed })).toBe(false);
  });

  it('looks for no cameras beside those that the photos came with, and for none that were looked for', () => {
    const outcome = { isPlaced: false, reason: 'blurred' } as const;
    expect(findsCamerasFirst({ ...EMPTY_STATE, photos: [...photos, mockPhoto(2, { camera: null })] })).toBe(false);
    const found = photos.map((photo) => ({
      ...photo,
      outcome: { isPlaced: true as const, pointCount: 9, medianErrorPx: 1, doubts: [] },
    }));
    expect(findsCamerasFirst({ ...EMPTY_STATE, photos: [...found, mockPhoto(2, { camera: null, outcome })] })).toBe(
      false,
    );
    expect(findsCamerasFirst({ ...EMPTY_STATE, photos: [...found, mockPhoto(2, { camera: null })] })).toBe(true);
    // One that is left out by the user takes no part.
    const aside = mockPhoto(2, { camera: null, role: 'left-out' });
    expect(findsCamerasFirst({ ...EMPTY_STATE, photos: [...found, aside] })).toBe(false);
  });

  it('counts placed photos only, once cameras were looked for', () => {
    const outcome = { isPlaced: true as const, pointCount: 9, medianErrorPx: 1, doubts: [] };
    const lost = mockPhoto(2, { camera: null, outcome: { isPlaced: false, reason: 'apart' } });
    const two = [mockPhoto(0, { outcome }), mockPhoto(1, { outcome, role: 'held-out' }), lost];
    expect(findBlocker({ ...EMPTY_STATE, photos: two })).toBe('too-few');
  });

  it('does not start what would not fit', () => {
    const estimate = { memoryBytes: 1, timeMs: 1, gaussianCount: 1, problem: 'Too large.' };
    expect(findBlocker({ ...EMPTY_STATE, photos, estimate })).toBe('too-large');
  });

  it('offers in each status what makes sense in it', () => {
    const allowed = (status: AppState['run']['status']): string => {
      const state = { ...withRun({ status }), photos };
      const flags = [canStart(state), canPause(state), canResume(state), canCancel(state)];
      return ['start', 'pause', 'resume', 'cancel'].filter((_, index) => flags[index]).join(' ');
    };
    expect(allowed('idle')).toBe('start');
    expect(allowed('running')).toBe('pause cancel');
    expect(allowed('paused')).toBe('resume cancel');
    expect(allowed('cancelling')).toBe('');
    expect(allowed('crashed')).toBe('start');
  });

  it('knows the next step from the first photo to the export', () => {
    expect(findNextStep(EMPTY_STATE)).toBe('add');
    expect(findNextStep({ ...EMPTY_STATE, photos })).toBe('start');
    expect(findNextStep({ ...withRun({ status: 'running' }), photos })).toBe('pause');
    expect(findNextStep({ ...withRun({ status: 'paused' }), photos })).toBe('resume');
    expect(findNextStep(MOCK_STATES.finished.state)).toBe('export');
    expect(findNextStep(MOCK_STATES.crashed.state)).toBe('see-run');
    expect(findNextStep(MOCK_STATES['no-cameras'].state)).toBe('add-cameras');
  });
});

describe('what a tile says of its camera', () => {
  const markOf = (changes: Parameters<typeof mockPhoto>[1]) => {
    const [mark] = photoMarks(mockPhoto(0, changes));
    return [mark?.word, mark?.icon];
  };
  const placed = (...doubts: ('planar' | 'few-points')[]) =>
    ({ isPlaced: true, pointCount: 50, medianErrorPx: 1, doubts }) as const;

  it('tells given, found, doubtful and missing cameras apart, by sign and by word', () => {
    expect(markOf({})).toEqual(['statePosed', 'camera']);
    expect(markOf({ outcome: placed() })).toEqual(['statePlaced', 'camera']);
    expect(markOf({ outcome: placed('planar') })).toEqual(['stateDoubtful', 'warning']);
    expect(markOf({ camera: null })).toEqual(['stateNoCamera', 'noCamera']);
    expect(markOf({ camera: null, outcome: { isPlaced: false, reason: 'apart' } })).toEqual([
      'stateNotPlaced',
      'noCamera',
    ]);
    // One photo alone that fits makes no scene.
    expect(markOf({ camera: null, outcome: placed() })).toEqual(['stateNoCamera', 'noCamera']);
  });
});

describe('holding photos out', () => {
  it('takes every eighth usable photo, and gives them back', () => {
    const photos = Array.from({ length: 18 }, (_, index) => mockPhoto(index, index === 0 ? { role: 'left-out' } : {}));
    expect(planHeldOut(photos, true)).toEqual([{ role: 'held-out', photoIds: ['photo-1', 'photo-9', 'photo-17'] }]);
    const held = photos.map((photo, index) => (index === 9 ? { ...photo, role: 'held-out' as const } : photo));
    expect(planHeldOut(held, false)).toEqual([{ role: 'train', photoIds: ['photo-9'] }]);
  });
});

describe('panels that show no figures of the run', () => {
  const of = (changes: Partial<AppState['run']>) => ({ isNarrow: false, state: withRun(changes) });

  it('stand still while only figures change', () => {
    expect(isSameButFigures(of({ iteration: 1, loss: 0.3 }), of({ iteration: 2, loss: 0.2 }))).toBe(true);
  });

  it('are made anew for another status, another slice, another property', () => {
    expect(isSameButFigures(of({ status: 'running' }), of({ status: 'paused' }))).toBe(false);
    const before = of({});
    expect(isSameButFigures(before, { ...before, state: { ...before.state, photos: [mockPhoto(0)] } })).toBe(false);
    expect(isSameButFigures(before, { ...before, isNarrow: true })).toBe(false);
  });
});

describe('the PSNR axis', () => {
  it('has no numbers before a score, and 2 dB around a single one', () => {
    expect(psnrRange(null, null)).toEqual([null, null]);
    expect(psnrRange(24, 24)).toEqual([23, 25]);
  });

  it('leaves a tenth of the span free on both sides', () => {
    expect(psnrRange(10, 30)).toEqual([8, 32]);
  });
});

describe('points of the plot', () => {
  const history = Array.from({ length: 1000 }, (_, index) => ({
    iteration: index,
    loss: 1 / (index + 1),
    psnr: index === 501 ? 20 : null,
  }));

  it('thins evenly but keeps scores and the last point', () => {
    const { iterations, psnrs } = toColumns(history, 100);
    expect(iterations.length).toBeLessThanOrEqual(102);
    expect(iterations).toContain(501);
    expect(iterations.at(-1)).toBe(999);
    expect(psnrs[iterations.indexOf(501)]).toBe(20);
  });

  it('lists the last points, newest first', () => {
    expect(toRows(history, 3).map(({ iteration }) => iteration)).toEqual([999, 998, 997]);
    expect(toRows([], 3)).toEqual([]);
  });
});
