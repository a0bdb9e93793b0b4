/** What the command line says of clouds that their files do not. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SensorOptions } from '../../cli/sensor-options.js';
import { addSensorOptions, openSensorFiles, sensorFilesOf } from '../../cli/sensor-options.js';
import type { PipelineEvent } from '../../engine/pipeline/events.js';
import type { OpenedSensors } from '../../host/sensors/open-sensors.js';
import { UsageError } from '../../host/run/user-errors.js';

let folder: string;
let csv: string;
let bin: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage cloud frame-'));
  [csv, bin] = [join(folder, 'a.csv'), join(folder, 'b.bin')];
  // Ten units away, whatever they are; and a file of floats, which is in metres, z up.
  await writeFile(csv, 'x,y,z\n10,0,0\n0,10,0\n');
  await writeFile(bin, new Uint8Array(Float32Array.of(10, 0, 0, 0.5, 0, 10, 0, 0.5).buffer));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function parse(...args: string[]): SensorOptions {
  const command = addSensorOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: 'user' }).opts<SensorOptions>();
}

async function open(...args: string[]): Promise<{ sensors: OpenedSensors; warnings: string[] }> {
  const events: PipelineEvent[] = [];
  const sensors = await openSensorFiles(parse(...args), (event) => events.push(event), new AbortController().signal);
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { sensors: sensors!, warnings };
}

describe('--cloud-unit and --cloud-up', () => {
  it('bring a cloud whose file states nothing to metres', async () => {
    const { sensors, warnings } = await open('--lidar', csv, '--cloud-unit', 'foot', '--cloud-up', 'y');
    expect([sensors.unit, sensors.lidar!.frame.upAxis, warnings]).toEqual(['metre', 'y', []]);
    expect(sensors.lidar!.origin[0] + sensors.lidar!.positions[0]!).toBeCloseTo(3.048, 6);
  });

  it('are asked for where nothing tells the unit', async () => {
    const { sensors, warnings } = await open('--lidar', csv);
    expect(sensors.unit).toBe('unknown');
    expect(warnings.join()).toContain('--cloud-unit');
  });

  it('are for one sensor with its name before them', async () => {
    const { sensors } = await open('--lidar', bin, '--radar', csv, '--cloud-unit', 'radar=us-survey-foot');
    expect(sensors.lidar!.origin[0] + sensors.lidar!.positions[0]!).toBeCloseTo(10, 6);
    expect(sensors.radar!.origin[0] + sensors.radar!.positions[0]!).toBeCloseTo((10 * 1200) / 3937, 6);
  });

  it('agree with a file, or are refused with its name', async () => {
    expect((await open('--lidar', bin, '--cloud-unit', 'metre', '--cloud-up', 'z')).sensors.unit).toBe('metre');
    await expect(open('--lidar', bin, '--cloud-unit', 'foot')).rejects.toThrow(/b\.bin.*metre.*--cloud-unit foot/);
    await expect(open('--lidar', bin, '--cloud-up', 'y')).rejects.toThrow(UsageError);
  });

  it('are named where units do not go together', async () => {
    await expect(open('--lidar', bin, '--radar', csv)).rejects.toThrow(/metre, unknown.*--cloud-unit/);
    await expect(open('--lidar', csv, '--lidar', bin)).rejects.toThrow(/--cloud-unit/);
  });

  it('are words that are known, of clouds that are there', () => {
    for (const text of ['yard', 'sonar=foot', '', 'lidar=', 'unknown'])
      expect(() => parse('--lidar', 'x', '--cloud-unit', text)).toThrow(/us-survey-foot/);
    expect(() => parse('--lidar', 'x', '--cloud-up', 'x')).toThrow(/Give y, z/);
    expect(() => sensorFilesOf(parse('--cloud-up', 'z'))).toThrow(UsageError);
    expect(sensorFilesOf(parse())).toBeNull();
  });

  it('count as they were said last', () => {
    const { cloudUnit } = parse('--cloud-unit', 'foot', '--cloud-unit', 'radar=metre');
    expect(cloudUnit).toEqual({ lidar: 'foot', radar: 'metre' });
  });
});
