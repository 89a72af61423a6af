import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { markdownHtml } from './markdown.ts'
import { notebookHtml } from './render.ts'
import { sanitiseHtml } from './sanitise.ts'

const page = (...cells: object[]) => notebookHtml(JSON.stringify({ nbformat: 4, cells }), 'notebook/churn')
const code = (outputs: object[], source: string | string[] = 'df.head()') => ({
  cell_type: 'code',
  execution_count: 3,
  source,
  outputs,
})

test('markdown, code and outputs are shown', () => {
  const html = page(
    { cell_type: 'markdown', source: ['# Churn\n', '\n', 'Of **all** `users`:\n', '\n', '- one\n', '- two\n'] },
    code([{ output_type: 'stream', name: 'stdout', text: ['a < b\n'] }], ['x = 1\n', 'print("a < b")']),
    code([{ output_type: 'display_data', data: { 'image/png': 'aGVsbG8=\n', 'text/plain': ['<Figure>'] } }]),
    code([{ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\u001b[31mValueError\u001b[0m: <bad>'] }]),
  )
  expect(html).toContain('<h1>Churn</h1>')
  expect(html).toContain('Of <strong>all</strong> <code>users</code>:')
  expect(html).toContain('<ul><li>one</li><li>two</li></ul>')
  expect(html).toContain('print(&quot;a &lt; b&quot;)')
  expect(html).toContain('<pre class="output">a &lt; b\n</pre>')
  expect(html).toContain('<img alt="" src="data:image/png;base64,aGVsbG8=">')
  expect(html).toContain('<pre class="error">ValueError: &lt;bad&gt;</pre>')
})

test('a table of pandas is a table', () => {
  const table =
    '<div>\n<style scoped>.x{}</style>\n<table border="1" class="dataframe"><tr><th colspan="2">a&amp;b</th></tr></table>\n</div>'
  expect(page(code([{ output_type: 'execute_result', data: { 'text/html': table, 'text/plain': 'a' } }]))).toContain(
    '<div>\n\n<table><tr><th colspan="2">a&amp;b</th></tr></table>\n</div>',
  )
})

describe('nothing in a notebook can run', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '<scr<script>ipt>alert(1)</scr</script>ipt>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><circle/></svg>',
    '<a href="javascript:alert(1)">x</a>',
    '<td onclick="alert(1)" colspan="2 onx=1">x</td>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<div style="background:url(http://x.invalid)">x</div>',
    '<!--><img src=x onerror=alert(1)>-->',
    '<table><tr><td title="<img src=x onerror=alert(1)>">x',
    '<style>*{background:url(http://x.invalid)}',
    '"><script>alert(1)</script>',
    '<IMG/SRC="x"/ONERROR="alert(1)">',
    '<p\n onmouseover\n=\nalert(1)>x</p>',
  ]
  // Tags of ours alone are left: none of these, and no attribute but the spans of cells.
  const safe = /^(?:[^<>]|<\/?[a-z][a-z0-9]*(?: (?:colspan|rowspan)="\d+")*>)*$/
  const harmless = (html: string): void => {
    expect(html).toMatch(safe)
    expect(html).not.toMatch(/<(?:script|img|svg|iframe|style|a|object|form|input|meta|link|base)\b/)
  }

  test.each(attacks)('%s', (attack) => {
    harmless(sanitiseHtml(attack))
    const shown = page(
      { cell_type: 'markdown', source: `${attack}\n\n[x](javascript:alert(1)) [y](https://y.invalid/"onx="1)` },
      code([{ output_type: 'execute_result', data: { 'text/html': attack } }], attack),
      code([{ output_type: 'execute_result', data: { 'image/png': attack } }]),
      code([{ output_type: 'stream', name: 'stdout', text: attack }]),
      { cell_type: 'raw', source: attack },
    )
    expect(shown.slice(shown.indexOf('</head>'))).not.toMatch(
      /<(?:script|img|svg|iframe|style|object)\b|<[^>]*\bon[a-z]+\s*=|javascript:[^)]*"/i,
    )
  })

  test('whatever it is made of', () => {
    const bits = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '/',
      '=',
      ' ',
      'script',
      'img',
      'td',
      'onerror',
      'a',
      '<!--',
      '-->',
      '&',
      '\n',
    )
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), (parts) => harmless(sanitiseHtml(parts.join('')))),
      {
        numRuns: 2_000,
      },
    )
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), (parts) => {
        expect(markdownHtml(parts.join(''))).not.toMatch(/<(?!\/?(?:p|em|strong|code|pre|ul|ol|li|blockquote|h\d)>)/)
      }),
    )
  })
})
