/** Widths of the sensors of well-known cameras, in millimetres, as their makers state them. */

/** First match counts; patterns are tried on "make model". Phones with several cameras are left out: they state the 35 mm equivalent. */
const SENSORS: readonly (readonly [pattern: RegExp, widthMm: number])[] = [
  // 24 × 36 mm
  [/canon eos[ -](5ds?r?|6d|r1|r3|r5|r6|r8|rp|ra|1d ?x|1ds)(m\d)?\b|canon eos r$/i, 36],
  [/nikon (d3[sx]?|d4s?|d5|d6|d600|d610|d700|d750|d780|d800e?|d810a?|d850|df|z ?[56789]|z ?f)(_\d)?$/i, 35.9],
  [/ilce-[179](?!\d)|ilca-99|slt-a99|dsc-rx1(?!0)/i, 35.7],
  [/panasonic dc-s[159]/i, 35.6],
  [/pentax k-1\b/i, 35.9],
  // APS-C
  [/canon eos (m|r7|r10|r50|r100|7d|\d{2,4}d|kiss|digital rebel|rebel)/i, 22.3],
  [/nikon (d\d{2,4}|z ?30|z ?50|z ?fc)/i, 23.5],
  [/ilce-\d{4}|nex-|slt-a|dslr-a|zv-e10/i, 23.5],
  [/fujifilm (x-(t|pro|e|h|a|m)\d|x-s[12]0|x100)/i, 23.5],
  [/pentax k|ricoh gr/i, 23.5],
  // Four Thirds
  [/(olympus|om digital).* (e-[mp]|om-)/i, 17.3],
  [/panasonic (dmc-g|dc-g|dmc-lx100|dc-lx100)/i, 17.3],
  [/l2d-20c/i, 17.3],
  // 1 inch
  [/dsc-rx10/i, 13.2],
  [/canon powershot g[3579] ?x/i, 13.2],
  [/panasonic (dmc|dc)-(fz1000|lx1[05]|tz[12]00|zs[12]00)/i, 13.2],
  [/fc6310|fc6510|fc6520|fc3411|l1d-20c/i, 13.2],
  [/nikon 1\b/i, 13.2],
  // 1 / 1.3 inch
  [/fc3582|fc8482/i, 9.6],
  // 1 / 1.7 inch
  [/canon powershot (s9\d|s1[0-2]\d|g1[0-6])\b(?! x)/i, 7.44],
  // 1 / 2.55 inch
  [/sm-g9[356]\d|pixel [23]( xl|a)?$/i, 5.64],
  // 1 / 2.3 inch
  [/gopro|fc220|fc330|fc300|fc350|fc7303|fc1102|fc7203/i, 6.17],
];

/** The width of a camera's sensor, or null for one that the list does not know. */
export function findSensorWidthMm(make: string | null, model: string | null): number | null {
  if (model === null) return null;
  const name = `${make ?? ''} ${model}`.replace(/\s+/g, ' ').trim();
  return SENSORS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
