import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router'
import { Root } from './app/root.tsx'
import { NotFoundPage, RouteError } from './app/route-error.tsx'
import { readSearch } from './app/addresses.ts'

const rootRoute = createRootRoute({
  component: Root,
  notFoundComponent: NotFoundPage,
  errorComponent: RouteError,
  validateSearch: readSearch.root,
  search: { middlewares: [retainSearchParams(['project', 'environment'])] },
})

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/graph' })
  },
})

const graphRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/graph',
  validateSearch: readSearch.graph,
  component: lazyRouteComponent(() => import('./graph/graph-page.tsx'), 'GraphPage'),
})

const assetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/assets',
  validateSearch: readSearch.assets,
  component: lazyRouteComponent(() => import('./assets/assets-page.tsx'), 'AssetsPage'),
})

const assetRoute = createRoute({
  getParentRoute: () => rootRoute,
  // A key has two segments at least, so that the catalogue's own address is not taken for one.
  path: '/assets/$kind/$',
  component: lazyRouteComponent(() => import('./assets/asset-page.tsx'), 'AssetPage'),
})

const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs',
  component: lazyRouteComponent(() => import('./runs/runs-page.tsx'), 'RunsPage'),
})

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs/$run',
  validateSearch: readSearch.run,
  component: lazyRouteComponent(() => import('./runs/run-page.tsx'), 'RunPage'),
})

const revisionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/revisions',
  validateSearch: readSearch.revisions,
  component: lazyRouteComponent(() => import('./revisions/revisions-page.tsx'), 'RevisionsPage'),
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    indexRoute,
    graphRoute,
    assetsRoute,
    assetRoute,
    runsRoute,
    runRoute,
    revisionsRoute,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: RouteError,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
