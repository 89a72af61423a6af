export { keepTelling } from './keep-telling.ts'
