import { useMutation } from '@tanstack/react-query'
import { useApi } from '../api/context.tsx'
import { ErrorNote } from '../components/feedback.tsx'
import { Logo } from '../components/icons.tsx'

/** Exchanges the API token for a cookie that scripts cannot read. */
export function SignIn({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const { api } = useApi()
  const signIn = useMutation({ mutationFn: (token: string) => api.signIn(token), onSuccess: onSignedIn })
  return (
    <main className="sign-in">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault()
          const token = new FormData(event.currentTarget).get('token')
          if (typeof token === 'string' && token.trim() !== '') signIn.mutate(token.trim())
        }}
      >
        <Logo />
        <h1>Sign in to Traitline</h1>
        <p className="muted">
          This server asks for its API token: the value of TRAITLINE_API_TOKEN where it was started.
        </p>
        <label htmlFor="token">API token</label>
        <input id="token" name="token" type="password" autoComplete="current-password" required autoFocus />
        {signIn.error !== null && <ErrorNote error={signIn.error} />}
        <button type="submit" className="button button-primary" disabled={signIn.isPending}>
          Sign in
        </button>
      </form>
    </main>
  )
}
