/**
 * The one thing every store needs of a database: a statement and its values. A pg `Pool`, `PoolClient` and `Client`
 * satisfy it as they are, so a store works the same inside a transaction and outside one.
 */
export interface Queryable {
  query<R extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: R[]; rowCount: number | null }>;
}
