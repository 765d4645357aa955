/**
 * Holm's step-down adjusted p values over a family declared beforehand, in the order given.
 * Sorted ascending, p̃(i) = max over j ≤ i of min(1, (m − j + 1) p(j)), with m the size of the family.
 * Source: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979) 65–70.
 *
 * `familySize` is m, the number of comparisons declared. Null entries are passed over and stay null: comparisons outside
 * the family, and members that could not be tested. The latter still count in m, since the family was fixed before the
 * run; that is Holm with p = 1 in their place, which can only make the others more careful.
 */
export function holm(
  pValues: readonly (number | null)[],
  familySize: number = pValues.length,
): (number | null)[] {
  const tested = pValues.flatMap((p, index) => (p === null ? [] : [{ p: validP(p, index), index }]));
  if (tested.length > familySize) {
    throw new RangeError(`a family of ${familySize} cannot hold ${tested.length} tested comparisons`);
  }
  tested.sort((x, y) => x.p - y.p);
  const adjusted: (number | null)[] = new Array<number | null>(pValues.length).fill(null);
  let running = 0;
  for (const [rank, { p, index }] of tested.entries()) {
    running = Math.max(running, Math.min(1, (familySize - rank) * p));
    adjusted[index] = running;
  }
  return adjusted;
}

function validP(p: number, index: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p value ${index} must be in 0..1, got ${p}`);
  return p;
}
