/** The five characters that mean something in HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/**
 * The part of Markdown that notebooks are written in: headings, paragraphs, lists, quotes, fenced code, tables as text,
 * emphasis, code and links. HTML inside is shown as text, and a link goes to http and https alone.
 */
export function markdownHtml(source: string): string {
  const html: string[] = []
  const lines = source.replaceAll('\r\n', '\n').split('\n')
  let at = 0
  const take = (pattern: RegExp): string[] => {
    const taken: string[] = []
    for (let line = lines[at]; line !== undefined && pattern.test(line); line = lines[++at]) taken.push(line)
    return taken
  }
  while (at < lines.length) {
    const line = lines[at] ?? ''
    const heading = /^(#{1,6})\s+(.*)$/.exec(line)
    if (line.trim() === '') at++
    else if (/^\s*```/.test(line)) {
      at++
      const code = take(/^(?!\s*```)/)
      at++
      html.push(`<pre><code>${escapeHtml(code.join('\n'))}</code></pre>`)
    } else if (heading) {
      const level = heading[1]?.length ?? 1
      html.push(`<h${level}>${inline(heading[2] ?? '')}</h${level}>`)
      at++
    } else if (bullet.test(line)) html.push(listHtml('ul', take(bullet), bullet))
    else if (numbered.test(line)) html.push(listHtml('ol', take(numbered), numbered))
    else if (/^>/.test(line))
      html.push(
        `<blockquote>${inline(
          take(/^>/)
            .map((text) => text.replace(/^>\s?/, ''))
            .join('\n'),
        )}</blockquote>`,
      )
    else html.push(`<p>${inline(take(paragraph).join('\n'))}</p>`)
  }
  return html.join('\n')
}

const bullet = /^\s*[-*+]\s+/
const numbered = /^\s*\d+[.)]\s+/
const paragraph = /^(?!\s*$|#{1,6}\s|\s*```|>|\s*[-*+]\s|\s*\d+[.)]\s)/

function listHtml(tag: string, items: readonly string[], mark: RegExp): string {
  return `<${tag}>${items.map((item) => `<li>${inline(item.replace(mark, ''))}</li>`).join('')}</${tag}>`
}

/** Escaped before anything else: what follows adds tags of its own and lets none in. */
function inline(text: string): string {
  return escapeHtml(text)
    .split(/(`[^`\n]+`)/)
    .map((part) =>
      /^`[^`\n]+`$/.test(part)
        ? `<code>${part.slice(1, -1)}</code>`
        : part
            .replace(/\*\*([^*\n]+)\*\*/g, '<strong>$1</strong>')
            .replace(/(^|[\s(])[*_]([^*_\n]+)[*_](?=[\s).,;:!?]|$)/g, '$1<em>$2</em>')
            .replace(
              /\[([^\]\n]+)\]\((https?:\/\/[^\s)&"]+)\)/g,
              '<a href="$2" rel="noopener noreferrer" target="_blank">$1</a>',
            ),
    )
    .join('')
}
