/** Queries wait as long as a loaded machine may need: a component test asserts what appears, never how fast. */
import { configure } from '@testing-library/react'

configure({ asyncUtilTimeout: 15_000 })
