using System;

namespace Wmgwd2.Core;

/// <content>Goes on with other VNIs while it serves.</content>
public sealed partial class InterfaceReconciler
{
    /// <summary>
    /// Goes on where another one was, with other VNIs: of those that stay everything is as it was, the announcements that are still
    /// to come too; of those that are new nothing is wanted and nothing has been seen.
    /// </summary>
    /// <param name="count">How many VNIs there are.</param>
    /// <param name="announcementInterval">From one periodic announcement of a VNI to its next.</param>
    /// <param name="now">The instant.</param>
    /// <param name="before">The one until now; all commands that it gave are completed.</param>
    /// <param name="newIndexes">The index here for each index there; -1 for what is gone, which should not be wanted there.</param>
    public InterfaceReconciler(
        int count, TimeSpan announcementInterval, Instant now, InterfaceReconciler before, ReadOnlySpan<int> newIndexes)
        : this(count, announcementInterval, now)
    {
        Move(before._ifindex, _ifindex, newIndexes);
        Move(before._lowerIfindex, _lowerIfindex, newIndexes);
        Move(before._conditions, _conditions, newIndexes);
        Move(before._lowerState, _lowerState, newIndexes);
        Move(before._hardwareAddress, _hardwareAddress, newIndexes);
        Move(before._reasons, _reasons, newIndexes);
        Move(before._marks, _marks, newIndexes);
        Move(before._burst, _burst, newIndexes);
        Move(before._echoesLeft, _echoesLeft, newIndexes);
        Move(before._failures, _failures, newIndexes);
        Move(before._retriesToSkip, _retriesToSkip, newIndexes);
        Move(before._failure, _failure, newIndexes);
        Move(before._errno, _errno, newIndexes);
        Move(before._lastRelease, _lastRelease, newIndexes);
        Move(before._status, _status, newIndexes);
        Move(before._since, _since, newIndexes);
        Move(before._announcedAt, _announcedAt, newIndexes);
        (ChangeCount, TakeoverCount, ReleaseCount) = (before.ChangeCount, before.TakeoverCount, before.ReleaseCount);
        _wanted.SetFrom(before._wanted, newIndexes);
        _repaired.SetFrom(before._repaired, newIndexes);
        _addresses.AddFrom(before._addresses, newIndexes);
        _ports.ContinueFrom(before._ports, newIndexes);
        _toAnnounce.AppendFrom(before._toAnnounce, newIndexes);
        _toRelease.AppendFrom(before._toRelease, newIndexes);
        _toTake.AppendFrom(before._toTake, newIndexes);
        _rising.AppendFrom(before._rising, newIndexes);
        _toQuery.AppendFrom(before._toQuery, newIndexes);
        _echoes.AppendFrom(before._echoes, newIndexes);
        _repeats.AppendFrom(before._repeats, newIndexes);
        _retries.AppendFrom(before._retries, newIndexes);
        HasRepairs = !_repaired.IsEmpty;
        _announceOwnedAt = before._announceOwnedAt;
        _announceOwnedNotBefore = before._announceOwnedNotBefore;
        _movementStart = before._movementStart;
        (_taken, _released, _failed) = (before._taken, before._released, before._failed);
        ProblemCount = 0;
        for (int index = 0; index < count; index++)
        {
            _movementOpen += _marks[index].HasFlag(Marks.Moving) ? 1 : 0;
            ProblemCount += GetStatus(index).Problem != InterfaceProblem.None ? 1 : 0;
        }
    }

    private static void Move<T>(T[] from, T[] to, ReadOnlySpan<int> newIndexes)
    {
        for (int index = 0; index < newIndexes.Length; index++)
        {
            if (newIndexes[index] >= 0)
            {
                to[newIndexes[index]] = from[index];
            }
        }
    }
}
