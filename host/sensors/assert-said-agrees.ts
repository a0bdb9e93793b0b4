import type { CloudFrame, LengthUnit, UpAxis } from '../../engine/scene/sensor-points.js';
import { UsageError } from '../run/user-errors.js';

/**
 * What the user says of a cloud is for what its file leaves open.
 *
 * @throws UsageError where the file states another unit or axis.
 */
export function assertSaidAgrees(
  path: string,
  { unit, upAxis }: CloudFrame,
  said: { readonly unit: LengthUnit | null; readonly upAxis: UpAxis | null } | undefined,
): void {
  const complain = (what: string, stated: string, option: string): never => {
    throw new UsageError(`${path} states its ${what} itself, ${stated}: leave out ${option}, or say whose it is.`);
  };
  const saidUnit = said?.unit ?? unit;
  const saidAxis = said?.upAxis ?? upAxis;
  if (unit !== 'unknown' && saidUnit !== unit) complain('unit', unit, `--cloud-unit ${saidUnit}`);
  if (upAxis !== 'unknown' && saidAxis !== upAxis) complain('up axis', upAxis, `--cloud-up ${saidAxis}`);
}
