// The icons: lines of 1.6 on 20 by 20. They stand beside words, so a reader of the screen is told nothing of them.

const PATHS = {
  overview: 'M3.5 16.5h13M5.5 13.5v-4M10 13.5v-9M14.5 13.5V8',
  topics: 'M4 4.5h6M7 4.5V15h3M7 9.5h3M12.5 9.5H16M12.5 15H16',
  live: 'M2.5 10h3l2.5-6 4 12 2.5-6h3',
  history: 'M10 5.5V10l3 2M3.5 10a6.5 6.5 0 1 0 2-4.7M3.5 3.5v3h3',
  rules: 'M4 5h4l4 10h4M4 15h4l1.2-3M11.2 7.5 12 5h4M14 3l2 2-2 2M14 13l2 2-2 2',
  runs: 'M6.5 4.5v11l9-5.5z',
  clients: 'M3.5 5h13v8h-13zM8 16.5h4M10 13v3.5',
  pings: 'M4 16V9M8 16V4M12 16v-5M16 16V7',
  processes: 'M6 6h8v8H6zM8 3.5V6M12 3.5V6M8 14v2.5M12 14v2.5M3.5 8H6M3.5 12H6M14 8h2.5M14 12h2.5',
  alerts:
    'M10 3.5a4.5 4.5 0 0 0-4.5 4.5c0 4-1.5 5.5-1.5 5.5h12s-1.5-1.5-1.5-5.5A4.5 4.5 0 0 0 10 3.5zM8.5 16.5h3',
  book: 'M10 5.5C8.5 4.3 6.2 4 3.5 4v11c2.7 0 5 .3 6.5 1.5 1.5-1.2 3.8-1.5 6.5-1.5V4c-2.7 0-5 .3-6.5 1.5zv11',
  menu: 'M3.5 6h13M3.5 10h13M3.5 14h13',
  close: 'M5 5l10 10M15 5 5 15',
  search: 'M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zM12.7 12.7 16.5 16.5',
  right: 'M8 5l5 5-5 5',
  down: 'M5 8l5 5 5-5',
  pause: 'M7 4.5v11M13 4.5v11',
  play: 'M6.5 4.5v11l9-5.5z',
  check: 'M4 10.5 8 14.5 16 6',
  warn: 'M10 3.5 17 16H3zM10 8v4M10 13.8v.4',
  bad: 'M6.5 3h7L17 6.5v7L13.5 17h-7L3 13.5v-7zM7.5 7.5l5 5M12.5 7.5l-5 5',
  sun: 'M10 7a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4',
  moon: 'M15.5 12A6.5 6.5 0 0 1 8 4.5a6 6 0 1 0 7.5 7.5z',
  system: 'M3.5 4.5h13v9h-13zM7.5 16.5h5',
} as const

export type IconName = keyof typeof PATHS

export const Icon = ({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) => (
  <svg class="icon" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
)
