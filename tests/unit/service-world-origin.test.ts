import { describe, expect, it } from 'vitest';
import type { ProjectContent } from '../../electron/service/projects/project.js';
import { worldOriginOf } from '../../electron/service/world-origin.js';

type Content = Pick<ProjectContent, 'capture' | 'sensors'>;

const capture = (more: object): Content => ({
  capture: { format: 'colmap-text', label: '', poseFile: '', files: [], ...more },
  sensors: [],
});
const cloud = (registration: string | null, placement: object | null): Content =>
  ({ capture: null, sensors: [{ registration, placement }] }) as unknown as Content;
const at = (translation: number[], by = 'run') => ({ by, worldFromSensor: { translation } });

describe('where a project’s world is counted from', () => {
  it('is what the reader of its pose file took off, in the unit that the world has come to', () => {
    expect(worldOriginOf(capture({ origin: [1000, -2000, 300] }))).toEqual([1000, -2000, 300]);
    // Feet, in a world of metres.
    expect(worldOriginOf(capture({ origin: [1000, -2000, 300], scale: 0.5 }))).toEqual([500, -1000, 150]);
  });

  it('is what was taken off the cloud that its cameras were brought onto', () => {
    expect(worldOriginOf(cloud('placed', at([-636_000, -4_849_000, -400])))).toEqual([636_000, 4_849_000, 400]);
  });

  it('is nowhere else: near enough, or a place that says nothing of the cameras', () => {
    expect(worldOriginOf(capture({}))).toBeNull();
    expect(worldOriginOf(cloud('placed', at([0, 0, 0])))).toBeNull();
    expect(worldOriginOf(cloud('placed', at([5, 6, 7], 'picks')))).toBeNull();
    expect(worldOriginOf(cloud(null, at([5, 6, 7])))).toBeNull();
    expect(worldOriginOf({ capture: null, sensors: [] })).toBeNull();
  });
});
