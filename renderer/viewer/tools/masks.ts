/** Masks over a scene's Gaussians: [N] of 0 and 1, never changed in place, so that who holds one may keep it. */

export type SelectionMode = 'replace' | 'add' | 'subtract';

export function countMarked(mask: Uint8Array): number {
  let count = 0;
  for (const value of mask) count += value;
  return count;
}

/** What a gesture makes of a selection; hidden Gaussians are never selected. */
export function combineSelection(
  selected: Uint8Array,
  found: Uint8Array,
  mode: SelectionMode,
  hidden: Uint8Array,
): Uint8Array {
  return selected.map((was, i) => {
    if (hidden[i] === 1) return 0;
    if (mode === 'replace') return found[i]!;
    return mode === 'add' ? was | found[i]! : was & (found[i]! ^ 1);
  });
}

export function invertSelection(selected: Uint8Array, hidden: Uint8Array): Uint8Array {
  return selected.map((was, i) => (hidden[i] === 1 ? 0 : was ^ 1));
}

export function unite(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((value, i) => value | b[i]!);
}

export function exclude(mask: Uint8Array, excluded: Uint8Array): Uint8Array {
  return mask.map((value, i) => value & (excluded[i]! ^ 1));
}

/** Where two masks differ, in the smaller of two forms. Applied to the one it gives the other, both ways. */
export type MaskChange =
  { readonly kind: 'indices'; readonly indices: Uint32Array } | { readonly kind: 'bits'; readonly bits: Uint8Array };

export function changeBetween(before: Uint8Array, after: Uint8Array): MaskChange {
  let changed = 0;
  for (let i = 0; i < before.length; i++) changed += before[i]! ^ after[i]!;
  if (changed * 32 < before.length) {
    const indices = new Uint32Array(changed);
    for (let i = 0, at = 0; i < before.length; i++) if (before[i] !== after[i]) indices[at++] = i;
    return { kind: 'indices', indices };
  }
  const bits = new Uint8Array(Math.ceil(before.length / 8));
  for (let i = 0; i < before.length; i++) bits[i >> 3]! |= (before[i]! ^ after[i]!) << (i & 7);
  return { kind: 'bits', bits };
}

export function applyChange(mask: Uint8Array, change: MaskChange): Uint8Array {
  if (change.kind === 'bits') return mask.map((value, i) => value ^ ((change.bits[i >> 3]! >> (i & 7)) & 1));
  const changed = mask.slice();
  for (const index of change.indices) changed[index]! ^= 1;
  return changed;
}

export function changeBytes(change: MaskChange): number {
  return change.kind === 'bits' ? change.bits.byteLength : change.indices.byteLength;
}

export function isNoChange(change: MaskChange): boolean {
  return change.kind === 'indices' && change.indices.length === 0;
}
