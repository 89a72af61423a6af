/** README of a project made by `traitline init`. */
export const projectReadme = `# A shop on Traitline

Start everything and watch it in the browser:

    npx traitline dev

| file | what |
|---|---|
| \`traitline.ts\` | sources, traits, the user model, audiences and syncs: change something and see what becomes stale |
| \`dbt/\` | recency, frequency, monetary value and browsing, with tests |
| \`notebooks/churn.ipynb\` | who will not come back, and what the others will spend |
| \`package.json\` | under \`traitline.simulated\`: the data to make up |

All data is simulated: made by Traitline's seeded generator on the first start, into the folder \`.traitline\`. To use
your own, point \`purchases\` in \`traitline.ts\` to your table (leave out \`load\`) or to your CSV file, do the same for
\`webEvents\`, and remove \`traitline.simulated\` from \`package.json\`. The project's \`asOf\` stands still at July 1998,
where the data ends; remove it for data that goes on.
`
