import type { Scope } from '../../contract/index.ts'
import type { Db } from './database.ts'

/** Ids of scopes, which never change: each is looked up once a process. */
export class ScopeIds {
  readonly #db: Db
  readonly #known = new Map<string, number>()

  constructor(db: Db) {
    this.#db = db
  }

  /** Null if nothing was ever recorded for it. */
  async find({ environment, project }: Scope): Promise<number | null> {
    const name = JSON.stringify([environment, project])
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const row = await this.#db
      .selectFrom('scope')
      .select('id')
      .where('environment', '=', environment)
      .where('project', '=', project)
      .executeTakeFirst()
    if (row) this.#known.set(name, row.id)
    return row?.id ?? null
  }

  async ensure(scope: Scope): Promise<number> {
    const found = await this.find(scope)
    if (found !== null) return found
    const { environment, project } = scope
    await this.#db
      .insertInto('scope')
      .values({ environment, project })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return (await this.find(scope))!
  }
}
