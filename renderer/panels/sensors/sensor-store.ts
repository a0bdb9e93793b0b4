/** What the window itself knows of sensors: how they are coloured, and what is being picked to place one. */
import { create } from 'zustand';
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import type { Colouring } from '../../viewer/cloud-colors.js';
import type { CloudLegend } from './draw-clouds.js';

export interface PickedPair {
  readonly inSensor: Vec3;
  readonly inWorld: Vec3;
}

/** A cloud is placed by points that are picked in it and in the scene, in turn. */
export interface Placing {
  readonly sensorId: string;
  readonly pairs: readonly PickedPair[];
  /** Picked in the cloud, its partner in the scene not yet; null: the cloud's turn. */
  readonly inSensor: Vec3 | null;
  /** Picked points as they are drawn where it is the cloud's turn, for the markers. */
  readonly drawn: readonly Vec3[];
}

export interface SensorStore {
  /** What the user chose; null: nothing yet. */
  readonly wanted: Colouring | null;
  readonly colouring: Colouring | null;
  readonly available: readonly Colouring[];
  readonly legend: CloudLegend | null;
  readonly placing: Placing | null;
}

export const useSensorStore = create<SensorStore>(() => ({
  wanted: null,
  colouring: null,
  available: [],
  legend: null,
  placing: null,
}));

export function chooseColouring(wanted: Colouring): void {
  useSensorStore.setState({ wanted });
}
