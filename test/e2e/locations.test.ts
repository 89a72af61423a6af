import { expect, test } from 'vitest'
import { runCli, startCli } from './cli.ts'
import { tempHome } from './home.ts'
import { writeProject } from './project.ts'

const projectOf = (name: string, column = 'score') => ({
  'people.csv': 'id,score\n1,3\n2,5\n3,8\n',
  'traitline.ts': `
import { csv, entity, project, source, trait } from 'traitline'

const people = source('people', {
  table: 'raw.people_of_${name}',
  columns: { id: 'text', score: 'integer' },
  load: csv('people.csv'),
})
const person = entity('person', { key: 'id', population: people })
const score = trait.continuous('score', { of: person, from: people.column('${column}' as 'score') })
export default project('${name}', { assets: [score] })
`,
})

test(
  'several projects are served by one stack, and a broken one takes no other down',
  { timeout: 180_000 },
  async () => {
    const home = await tempHome()
    const [shop, games, broken] = await Promise.all([
      writeProject(projectOf('shop')),
      writeProject(projectOf('games')),
      writeProject(projectOf('broken', 'scroe')),
    ])
    const folders = [broken, shop, games].flatMap((folder) => ['--project', folder])
    const dev = await startCli(['dev', ...folders], { home })
    await dev.line(/^Ctrl-C stops everything/)
    const said = dev.stdout.join('\n')
    expect(said).toMatch(new RegExp(`left out ${broken}: PROJECT_INVALID`))
    expect(said).toMatch(/no column scroe/)
    expect(said).toMatch(/^revision 1 of shop /m)
    expect(said).toMatch(/^revision 1 of games /m)

    // Each from its own folder, at the same time, in one DuckDB file.
    const runs = await Promise.all(
      ['shop', 'games'].map((name) => runCli(['materialize', '*', '--name', name], { home })),
    )
    for (const run of runs) {
      expect(run.stdout).toMatch(/done +trait\/score +3 rows/)
      expect(run.code).toBe(0)
    }
    const unnamed = await runCli(['materialize', '*'], { home })
    expect(unnamed.stderr).toMatch(/PROJECT_UNKNOWN: .*several projects/)

    dev.interrupt()
    await dev.end()
  },
)

test('projects that are all broken start nothing', { timeout: 60_000 }, async () => {
  const home = await tempHome()
  const folders = ['a', 'b'].flatMap((name) => ['--project', `${home}-${name}`])
  const ended = await runCli(['dev', ...folders], { home })
  expect(ended.stderr).toMatch(/no traitline\.ts in/)
  expect(ended.code).toBe(2)
})
