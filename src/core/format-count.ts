/** A count, for people: `1,200`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');
