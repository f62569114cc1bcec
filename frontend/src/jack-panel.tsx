/** A drawing of a jackfield: rows of sockets, two cables. */

const columns = 9;
const rows = 14;
const pitch = 44;

/** Sockets that the cables join, as column and row; the first lies in the strip that narrow screens see. */
const cables = [
  { from: [1, 6], to: [6, 5], sag: 100 },
  { from: [3, 9], to: [7, 10], sag: 110 },
] as const;

const centre = (at: number): number => (at + 0.5) * pitch;

export function JackPanel({ className }: { readonly className: string }) {
  return (
    <svg className={className} viewBox={`0 0 ${columns * pitch} ${rows * pitch}`} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <defs>
        <pattern id="socket" width={pitch} height={pitch} patternUnits="userSpaceOnUse">
          <circle cx={pitch / 2} cy={pitch / 2} r="9" className="jack-ring" />
          <circle cx={pitch / 2} cy={pitch / 2} r="4" className="jack-hole" />
        </pattern>
      </defs>
      <rect width="100%" height="100%" fill="url(#socket)" />
      {cables.map(({ from, to, sag }) => (
        <g key={from.join()} className="jack-cable">
          <path
            d={`M${centre(from[0])} ${centre(from[1])}C${centre(from[0])} ${centre(from[1]) + sag} ${centre(to[0])} ${centre(to[1]) + sag} ${centre(to[0])} ${centre(to[1])}`}
          />
          {[from, to].map(([column, row]) => (
            <circle key={`${column}-${row}`} cx={centre(column)} cy={centre(row)} r="9" />
          ))}
        </g>
      ))}
    </svg>
  );
}
