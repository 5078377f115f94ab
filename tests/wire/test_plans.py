"""A model of our own, for what AWS's models do too seldom for the laws to meet."""

import xml.etree.ElementTree as ElementTree

from botocore.model import ServiceModel

from podium.wire import ec2, query, xml
from podium.wire.message import Request
from podium.wire.plans import Plans

MODEL = ServiceModel(
    {
        "metadata": {"apiVersion": "2026-01-31", "protocol": "query", "endpointPrefix": "kitchen"},
        "operations": {
            "Brew": {"name": "Brew", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "Order"}},
        },
        "shapes": {
            "Order": {
                "type": "structure",
                "members": {
                    "Loose": {"shape": "Words", "flattened": True},
                    "Boxed": {"shape": "Words"},
                    "Inner": {"shape": "Order"},
                    "Sizes": {"shape": "Sizes", "flattened": True},
                },
            },
            "Words": {"type": "list", "member": {"shape": "Word"}},
            "Sizes": {"type": "map", "key": {"shape": "Word"}, "value": {"shape": "Word"}},
            "Word": {"type": "string"},
        },
    }
)
BREW = MODEL.operation_model("Brew")
ORDER = {"Loose": ["a", "b"], "Boxed": ["c"], "Inner": {"Inner": {"Boxed": ["d"]}}, "Sizes": {"x": "1", "y": "2"}}


def test_one_shape_is_written_in_two_ways_where_two_members_say_so():
    written = xml.members(BREW.input_shape, Plans(xml.WRITERS))(ORDER)
    inner = "<Inner><Inner><Boxed><member>d</member></Boxed></Inner></Inner>"
    sizes = "<Sizes><key>x</key><value>1</value></Sizes><Sizes><key>y</key><value>2</value></Sizes>"
    assert written == f"<Loose>a</Loose><Loose>b</Loose><Boxed><member>c</member></Boxed>{inner}{sizes}"
    assert ElementTree.fromstring(f"<Order>{written}</Order>").find("Inner/Inner/Boxed/member").text == "d"


def test_one_shape_is_read_in_two_ways_where_two_members_say_so():
    form = "Loose.1=a&Loose.2=b&Boxed.member.1=c&Inner.Inner.Boxed.member.1=d&Sizes.1.key=x&Sizes.1.value=1"
    form += "&Sizes.2.key=y&Sizes.2.value=2"
    assert query.parse(BREW, Request("POST", "/", "", {}, form.encode())) == ORDER


def test_in_ec2_every_list_is_flat():
    form = b"Loose.1=a&Boxed.1=c"
    assert ec2.parse(BREW, Request("POST", "/", "", {}, form)) == {"Loose": ["a"], "Boxed": ["c"]}


def test_a_shape_within_itself_is_planned_once():
    plans = Plans(xml.WRITERS)
    deep = {"Inner": {"Inner": {"Inner": {"Inner": {}}}}}
    xml.members(BREW.input_shape, plans)(deep)
    assert len([key for key in plans._kept if key[0] == "Order"]) == 1
