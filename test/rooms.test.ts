import { readFile, readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { packageRoot } from '../orchestrator/process/index.ts'
import { rooms } from './rooms.ts'

const root = packageRoot()
const folders = ['orchestrator', 'workflows', 'activities', 'connectors', 'ui', 'examples']

function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0]
}

async function sources(): Promise<string[]> {
  const found: string[] = []
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      const path = relative(root, join(entry.parentPath, entry.name))
      if (
        !entry.isFile() ||
        path.includes('node_modules') ||
        path.includes('.traitline') ||
        path.startsWith('ui/test/')
      )
        continue
      if (/\.tsx?$/.test(path) && !/\.(test|test-d|cases|fixture)\.tsx?$/.test(path)) found.push(path)
    }
  }
  return found
}

/** Every module that a file names, type imports included: a room must not even know of another's types. */
function importsOf(path: string, text: string): string[] {
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    const specifier =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
            ? node.argument.literal
            : undefined
    if (specifier !== undefined && ts.isStringLiteral(specifier)) names.push(specifier.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  return names
}

test('each file imports only what its room may', async () => {
  const files = await sources()
  expect(files.length).toBeGreaterThan(50)
  const wrong: string[] = []
  for (const file of files) {
    const room = roomOf(file)
    if (room === undefined) {
      wrong.push(`${file} is in no room`)
      continue
    }
    for (const name of importsOf(file, await readFile(join(root, file), 'utf8'))) {
      if (!name.startsWith('.')) continue
      const target = relative(root, join(root, dirname(file), name))
      const targetRoom = roomOf(target)
      const allowed =
        targetRoom === room ||
        rooms[room]?.may.some((may) => targetRoom === may || targetRoom?.startsWith(`${may}/`) === true) === true
      if (!allowed) wrong.push(`${file} imports ${target}: ${room} may not know ${targetRoom ?? 'what is in no room'}`)
    }
  }
  expect(wrong).toEqual([])
})

test('only contract is without packages, and workflows know Temporal’s alone', async () => {
  const wrong: string[] = []
  for (const file of await sources()) {
    const room = roomOf(file)
    if (room !== 'orchestrator/contract' && room !== 'workflows') continue
    for (const name of importsOf(file, await readFile(join(root, file), 'utf8'))) {
      const allowed = name.startsWith('.') || (room === 'workflows' && name === '@temporalio/workflow')
      if (!allowed) wrong.push(`${file} imports ${name}`)
    }
  }
  expect(wrong).toEqual([])
})

test('only the composition roots read the environment', async () => {
  const wrong: string[] = []
  for (const file of await sources()) {
    if (file.startsWith('orchestrator/main/') || file.startsWith('orchestrator/process/')) continue
    if (/\bprocess\.env\b/.test(await readFile(join(root, file), 'utf8'))) wrong.push(file)
  }
  expect(wrong).toEqual([])
})
