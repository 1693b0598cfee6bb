/** Length of a chain of points in the plane. */
export function getLength(points: number[][]): number {
  return points.slice(1).reduce((sum, [x, y], place) => {
    const [before, above] = points[place]!;
    return sum + Math.hypot(x! - before!, y! - above!);
  }, 0);
}
