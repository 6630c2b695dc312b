using System;
using System.Collections.Generic;
using System.Linq;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What may be seen from a moment on, until the model changes.</summary>
internal sealed class SoakExpectation
{
    private readonly SoakModel _model;
    private readonly ClusterState _now;
    private readonly int[] _groups;
    private readonly bool[] _stopped;
    private readonly bool[,] _may;
    private readonly bool[,] _must;
    private readonly bool[,] _mayAnnounce;
    private readonly bool[,] _isToServe;

    /// <param name="model">What has been done to the cluster.</param>
    /// <param name="time">The moment.</param>
    public SoakExpectation(SoakModel model, TimeSpan time)
    {
        _model = model;
        _now = model.StateAt(time);
        _groups = Group();
        _stopped = new bool[model.Gateways];
        _may = new bool[model.Gateways, model.Vnis.Count];
        _must = new bool[model.Gateways, model.Vnis.Count];
        _mayAnnounce = new bool[model.Gateways, model.Vnis.Count];
        _isToServe = new bool[model.Gateways, model.Vnis.Count];
        Disturbance[] disturbances =
            [.. model.Disturbances.Where(disturbance => disturbance.From <= time && disturbance.Until > time)];
        for (int gateway = 0; gateway < model.Gateways; gateway++)
        {
            IReadOnlyList<ClusterState> states = model.PossibleStates(time, gateway);
            _stopped[gateway] = disturbances.Any(disturbance =>
                disturbance.Stopped && disturbance.Gateway == gateway && disturbance.Over > time);
            for (int index = 0; index < model.Vnis.Count; index++)
            {
                Expect(gateway, index, states, [.. disturbances.Where(disturbance =>
                    disturbance.Gateway == gateway && disturbance.Concerns(model.Vnis[index]))], time);
            }
        }
    }

    /// <summary>Whether a gateway may serve a VNI; by the VNI's index.</summary>
    public bool May(int gateway, int index) => _may[gateway, index];

    /// <summary>Whether a gateway must serve a VNI.</summary>
    public bool Must(int gateway, int index) => _must[gateway, index];

    /// <summary>Whether a gateway may announce a VNI: what somebody else brings up it must not.</summary>
    public bool MayAnnounce(int gateway, int index) => _mayAnnounce[gateway, index];

    /// <summary>Whether two gateways that can hear each other serve, without one of them standing still.</summary>
    public bool IsServedTwice(ReadOnlySpan<bool> serves)
    {
        for (int one = 0; one < serves.Length; one++)
        {
            for (int other = one + 1; other < serves.Length; other++)
            {
                if (serves[one] && serves[other] && !_now.Deaf[one, other] && !_now.Deaf[other, one]
                    && !_stopped[one] && !_stopped[other])
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// Whether there is a group of gateways, each of which hears another one or is heard by it, in which nobody serves a VNI
    /// though one of them owns it and isn't broken.
    /// </summary>
    public bool IsServedByNobody(ReadOnlySpan<bool> serves, int index)
    {
        for (int owner = 0; owner < serves.Length; owner++)
        {
            bool served = !_isToServe[owner, index];
            for (int other = 0; other < serves.Length; other++)
            {
                served |= serves[other] && _groups[other] == _groups[owner];
            }

            if (!served)
            {
                return true;
            }
        }

        return false;
    }

    private void Expect(
        int gateway, int index, IReadOnlyList<ClusterState> states, Disturbance[] disturbances, TimeSpan time)
    {
        uint vni = _model.Vnis[index];
        bool[] owns = [.. states.Select(state => _model.Owns(state, gateway, vni))];
        bool disturbed = disturbances.Length > 0;
        bool broken = disturbances.Any(disturbance => !disturbance.Stopped && disturbance.Over > time);
        _mayAnnounce[gateway, index] = owns.Contains(true) || disturbances.Any(disturbance => disturbance.Stopped);
        _may[gateway, index] = owns.Contains(true) || disturbed;
        _must[gateway, index] = !owns.Contains(false) && !disturbed;
        _isToServe[gateway, index] = _model.Owns(_now, gateway, vni) && !broken;
    }

    /// <summary>Gives gateways of which one hears the other the same number.</summary>
    private int[] Group()
    {
        int[] groups = [.. Enumerable.Range(0, _model.Gateways)];
        for (int one = 0; one < groups.Length; one++)
        {
            for (int other = 0; other < groups.Length; other++)
            {
                if (one != other && !_now.Deaf[one, other])
                {
                    int from = groups[one];
                    int to = groups[other];
                    groups = [.. groups.Select(group => group == from ? to : group)];
                }
            }
        }

        return groups;
    }
}
