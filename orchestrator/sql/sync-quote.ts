import type { Relation } from '../contract/index.ts'

export function quoteColumn(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteTable(relation: Relation): string {
  return `${quoteColumn(relation.schema)}.${quoteColumn(relation.name)}`
}
