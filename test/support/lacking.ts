/** What the second list has more often than the first. */
export function lacking(one: readonly string[], two: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const item of one) left.set(item, (left.get(item) ?? 0) + 1);
  return two.filter((item) => {
    const count = left.get(item) ?? 0;
    left.set(item, count - 1);
    return count <= 0;
  });
}
