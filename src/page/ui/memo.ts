// A component that is rendered again only when one of its properties is another one.

import {
  Component,
  type ComponentChild,
  type ComponentType,
  createElement,
  type FunctionComponent,
} from 'preact'

export function memo<P extends object>(Rendered: FunctionComponent<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const now = this.props as Readonly<P>
      return (Object.keys(next) as (keyof P)[]).some((name) => next[name] !== now[name])
    }

    render(): ComponentChild {
      return createElement(Rendered as FunctionComponent<object>, this.props)
    }
  }
}
