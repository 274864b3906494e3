/** Time that a change needs to reach every process, so that all of them build a window alike. */
export const noticeSeconds = 5;
