/** Port on which a simulated application tells of its connections: `/metrics` for Prometheus, `/connections` to try them now. */
export const reportPort = 9999;
